package identity

import (
	"slices"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// Role is what somebody signs in as.
type Role string

// What an account is. Operator keeps the machines running, Guard keeps the compound safe; Staff works in the programme,
// and may do there what its appointments say.
const (
	Operator Role = "operator"
	Guard    Role = "guard"
	Staff    Role = "staff"
)

// Roles lists what an account can be, in the order in which a form offers them.
func Roles() []Role { return []Role{Guard, Operator, Staff} }

// What an account can be appointed: all but the last at a place, that for a member unit.
const (
	Manager         Role = "manager"
	CommunityOffice Role = "community-office"
	StreetOffice    Role = "street-office"
	CountyOffice    Role = "county-office"
	CityOffice      Role = "city-office"
	MemberUnit      Role = "member-unit"
)

// Program is what a token that is for one place is there. Nobody is appointed to it.
const Program Role = "program"

// nodeReport is the one permission that no person holds: a compound's own machine says what it sees.
const nodeReport = "node.report"

// Offices lists what an account can be appointed, in the order in which a form offers them.
func Offices() []Role {
	return []Role{CityOffice, CountyOffice, StreetOffice, CommunityOffice, Manager, MemberUnit}
}

// Permission is one thing that somebody may do, as the routes name it: "<room>.<verb>".
type Permission struct {
	Name   string `json:"name" doc:"As routes name it." example:"camera.read"`
	ZH     string `json:"zh" doc:"In Chinese."`
	EN     string `json:"en" doc:"In English."`
	Token  bool   `json:"token" doc:"Whether a token for programs may hold it."`
	Placed bool   `json:"placed" doc:"Whether a token that is for one place may hold it."`
	Roles  []Role `json:"roles" doc:"Who holds it, in the order of a form."`
	roles  []Role
	refuse string // why no token may hold it: a code

	programs bool // for tokens alone
}

// Why a permission is for people only.
const (
	forPictures = "identity.token-no-pictures" // red line 1: no machine outlets
	forAccounts = "identity.token-no-accounts" // who can make an account can sign in with it, and look
	forPersons  = "identity.token-no-approval" // a decision has somebody who answers for it
)

var (
	both  = []Role{Guard, Operator}
	staff = []Role{Operator}

	// In the programme a permission says what somebody may do somewhere; where, the policies say (access/policy/policies/office),
	// by the same verbs.
	reads     = append(Offices(), Operator)
	watched   = []Role{CityOffice, CountyOffice, StreetOffice, CommunityOffice, Manager, Operator}
	totals    = append(Offices(), Operator)
	tasked    = append(slices.Clip(watched), MemberUnit)
	workers   = append(slices.Clip(keeps), MemberUnit)
	keeps     = []Role{CityOffice, CountyOffice, StreetOffice, CommunityOffice, Manager, Operator}
	writes    = []Role{CityOffice, CountyOffice, Operator}
	posts     = []Role{CityOffice, CountyOffice, StreetOffice, CommunityOffice, Operator}
	posters   = []Role{CityOffice, CountyOffice, StreetOffice, CommunityOffice}
	enters    = []Role{CityOffice, CountyOffice, MemberUnit, Operator}
	approves  = []Role{CityOffice, CountyOffice}
	signedIn  = append(Offices(), Guard, Operator, Staff)
	publishes = []Role{CityOffice}
)

// permissions is the whole list. A route that names another one is found by a test in role.
var permissions = []Permission{
	{Name: "look.begin", ZH: "查看画面（实时、回放、截图、导出）", EN: "look through a camera (live, playback, still, clip)", roles: both, refuse: forPictures},
	{Name: "look.read", ZH: "查阅查看登记（谁、何时、因何事由查看）", EN: "read the record of looks (who, when, why)", roles: both, refuse: forPictures},
	{Name: "ledger.proof", ZH: "取得登记校验点和哈希（不含内容）", EN: "fetch the ledger’s checkpoints and hashes (no content)", roles: both},
	{Name: "ledger.read", ZH: "查阅、校验查阅登记（不含姓名）", EN: "read and verify the ledger (no names)", roles: both},
	{Name: "look.end", ZH: "终止他人的查看", EN: "end somebody else's look", roles: staff, refuse: forPictures},

	{Name: "camera.read", ZH: "查阅摄像机登记与运行状态", EN: "read cameras and their health", roles: both},
	{Name: "camera.write", ZH: "登记、修改、停用、删除摄像机", EN: "register, change, disable and delete cameras", roles: staff},
	{Name: "camera.import", ZH: "批量导入摄像机", EN: "import a list of cameras", roles: staff},
	{Name: "camera.test", ZH: "测试视频源（不含画面）", EN: "test what a source sends (no pictures)", roles: staff},
	{Name: "device.read", ZH: "查阅设备登记", EN: "read devices", roles: both},
	{Name: "device.write", ZH: "登记、修改、删除设备", EN: "register, change and delete devices", roles: staff},
	{Name: "recording.read", ZH: "查阅录像目录（不含画面）", EN: "read what footage exists (no pictures)", roles: both},
	{Name: "hold.read", ZH: "查阅录像留存", EN: "read holds on footage", roles: both},
	{Name: "hold.write", ZH: "设立、修改、解除录像留存", EN: "set, change and end holds on footage", roles: both},
	{Name: "disk.read", ZH: "查阅录像磁盘状态", EN: "read the state of the recording disks", roles: both},
	{Name: "disk.write", ZH: "调整录像磁盘与配额", EN: "change recording disks and quotas", roles: staff},
	{Name: "system.read", ZH: "查阅系统运行状态", EN: "read the state of the system", roles: both},
	{Name: "system.write", ZH: "修改系统设置", EN: "change the system's settings", roles: staff},
	{Name: "journal.read", ZH: "接收变更日志", EN: "follow the journal of changes", roles: append(Offices(), both...)},

	{Name: "place.read", ZH: "查阅地点、小区及其类别、防护设施", EN: "read places, and of compounds their class and protection", roles: reads},
	{Name: "place.keep", ZH: "登记小区的区域、防护设施和探头", EN: "say which areas, protection and channels a compound has", roles: keeps},
	{Name: "place.write", ZH: "登记、变更、合并、划分地点，认定小区类别", EN: "add, change, merge and split places, and say what class a compound is of", roles: writes},
	{Name: "pairing.read", ZH: "查阅结对帮扶", EN: "read paired help", roles: reads},
	{Name: "pairing.write", ZH: "登记结对和帮扶任务，冲销帮扶资金", EN: "enter pairings and help tasks, take help money back", roles: writes},
	{Name: "pairing.enter", ZH: "登记帮扶资金和任务完成情况", EN: "enter help money and which tasks are done", roles: enters},
	{Name: "programme.read", ZH: "查阅创建进度", EN: "read standings", roles: reads},
	{Name: "programme.total", ZH: "查阅全市合计", EN: "read the city's totals", roles: totals},
	{Name: "programme.write", ZH: "设定节点，将小区纳入创建，填报县区月报", EN: "set milestones, enrol compounds, hand in county returns", roles: writes},
	{Name: "programme.approve", ZH: "审批延期、减少计划、退出等申请，审核月报", EN: "decide on extensions, lower plans, leaving and the like, and on returns", roles: approves, refuse: forPersons},
	{Name: "programme.publish", ZH: "发布他人提出的节点和连接天数放宽", EN: "publish a milestone, or a count of days, that another person proposes to loosen", roles: publishes, refuse: forPersons},
	{Name: "supervision.read", ZH: "查阅督办单", EN: "read supervision tasks", roles: tasked},
	{Name: "supervision.raise", ZH: "下发、撤销督办单，设定督办规则", EN: "raise and withdraw supervision tasks, set their rules", roles: writes},
	{Name: "supervision.act", ZH: "签收、办理督办单，报办结", EN: "sign for supervision tasks, work on them, report them done", roles: workers},
	{Name: "supervision.check", ZH: "审核督办单，销号或退回", EN: "check supervision tasks: strike off or return", roles: approves, refuse: forPersons},
	{Name: "indicator.read", ZH: "查阅指标和目标", EN: "read indicators and targets", roles: watched},
	{Name: "indicator.write", ZH: "设定指标和目标", EN: "set indicators and targets", roles: writes},
	{Name: "campaign.read", ZH: "查阅专项行动、活动和告居民书", EN: "read campaigns, activities and notices", roles: watched},
	{Name: "campaign.write", ZH: "登记专项行动、活动，拟写告居民书", EN: "enter campaigns and activities, draft notices", roles: posts},
	{Name: "campaign.publish", ZH: "发布、撤回他人拟写的告居民书", EN: "publish notices to residents that another person wrote, and withdraw them", roles: posters, refuse: forPersons},
	{Name: "inspection.read", ZH: "查阅检查验收", EN: "read inspections and their forms", roles: reads},
	{Name: "inspection.write", ZH: "拟写检查验收表，安排检查，调整整改时限", EN: "draft forms, plan inspections, extend what is to be mended", roles: writes},
	{Name: "inspection.act", ZH: "填写、签认检查结果，报整改，复验", EN: "fill inspections in and sign them, report what is mended, look again", roles: keeps, refuse: forPersons},
	{Name: "inspection.publish", ZH: "发布检查验收表", EN: "publish forms of inspections", roles: publishes, refuse: forPersons},

	{Name: "bulletin.read", ZH: "查阅已发布的通报", EN: "read issued bulletins", roles: signedIn},
	{Name: "bulletin.draft", ZH: "起草本单位的通报，设定文号和模板", EN: "draft the own office's bulletins, set their number and template", roles: approves, refuse: forPersons},
	{Name: "bulletin.review", ZH: "审核本单位他人起草的通报", EN: "review a bulletin that another person of the office wrote", roles: approves, refuse: forPersons},
	{Name: "bulletin.issue", ZH: "发布本单位审核过的通报", EN: "issue the own office's reviewed bulletins", roles: approves, refuse: forPersons},

	{Name: nodeReport, ZH: "小区机器报送本小区摄像机的登记和联网情况", EN: "report which cameras a compound's own machine has registered and seen", programs: true},

	{Name: "account.read", ZH: "查阅账号", EN: "read accounts", roles: staff},
	{Name: "account.write", ZH: "开立、修改、停用、删除账号", EN: "make, change, disable and delete accounts", roles: staff, refuse: forAccounts},
	{Name: "session.read-all", ZH: "查阅全部登录会话", EN: "read everybody's sessions", roles: staff},
	{Name: "session.end-all", ZH: "强制下线", EN: "end somebody else's session", roles: staff},
	{Name: "token.read", ZH: "查阅接口令牌", EN: "read tokens", roles: staff},
	{Name: "token.write", ZH: "签发、吊销接口令牌", EN: "make and revoke tokens", roles: staff, refuse: forAccounts},
}

// Permissions lists every permission there is, with its words.
func Permissions() []Permission {
	out := slices.Clone(permissions)
	for i := range out {
		out[i].Token = out[i].refuse == ""
		out[i].Placed = TokenMayAt(out[i].Name, "one") == nil
		out[i].Roles = out[i].holders()
	}
	return out
}

// holders are the roles that hold it, in the order in which forms offer them.
func (p *Permission) holders() []Role {
	out := []Role{}
	for _, r := range append(Offices(), Roles()...) {
		if slices.Contains(p.roles, r) {
			out = append(out, r)
		}
	}
	return out
}

// roleWords are the codes of what people call a role.
var roleWords = map[Role]string{
	Operator: "identity.role-operator", Guard: "identity.role-guard", Staff: "identity.role-staff",
	Manager: "identity.role-manager", CommunityOffice: "identity.role-community-office", StreetOffice: "identity.role-street-office",
	CountyOffice: "identity.role-county-office", CityOffice: "identity.role-city-office", MemberUnit: "identity.role-member-unit",
}

// Explain says in "zh" or "en" what a permission allows, and who holds it.
func (s *Service) Explain(permission, language string) (does string, holders []string, known bool) {
	i := slices.IndexFunc(permissions, func(p Permission) bool { return p.Name == permission })
	if i < 0 {
		return "", nil, false
	}
	p := &permissions[i]
	voice, err := api.NewVoice(language, api.Messages(messages))
	if err != nil {
		return "", nil, false
	}
	for _, r := range p.holders() {
		holders = append(holders, voice.Say(roleWords[r]))
	}
	if language == "en" {
		return p.EN, holders, true
	}
	return p.ZH, holders, true
}

// Known says whether a route may name this permission.
func Known(permission string) bool {
	return slices.ContainsFunc(permissions, func(p Permission) bool { return p.Name == permission })
}

// Of gives what a role may do.
func Of(roles ...Role) map[string]bool {
	out := map[string]bool{}
	for _, p := range permissions {
		for _, r := range roles {
			if slices.Contains(p.roles, r) {
				out[p.Name] = true
			}
		}
	}
	return out
}

// EventPermission says what a caller must hold to be told of a journal event, "" when it is for nobody:
// an event tells only what its hearer could read anyway. role hands it to the server.
func EventPermission(room, kind string) string {
	noun, _, _ := strings.Cut(kind, ".")
	want := noun + ".read"
	switch {
	case noun == "session":
		want = "session.read-all" // who signed in, and from where
	case noun == "appointment":
		want = "account.read"
	case noun == "footage", noun == "segment", noun == "purge", noun == "recording":
		want = "recording.read"
	case !Known(want):
		want = room + ".read"
	}
	if !Known(want) {
		return ""
	}
	return want
}

// pictures are rooms whose every permission, present or future, is about pictures.
var pictures = []string{"look", "live", "playback", "snapshot", "export", "rtsp", "media", "wall", "grant"}

// TokenMay says whether a token may hold this permission, and if not, why.
func TokenMay(permission string) error {
	room, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(permission)), ".")
	if slices.Contains(pictures, room) {
		return fault.New(fault.Denied, "identity.token", forPictures, "permission", permission)
	}
	for _, p := range permissions {
		if p.Name == permission {
			if p.refuse != "" {
				return fault.New(fault.Denied, "identity.token", p.refuse, "permission", permission)
			}
			return nil
		}
	}
	return fault.New(fault.Invalid, "identity.token", "identity.permission-unknown", "permission", permission)
}

// TokenMayAt is TokenMay for a token that is for one place, or for none. At a place it holds what the policies of the
// programme limit to places; to report for a compound's machine it needs one.
func TokenMayAt(permission, place string) error {
	if err := TokenMay(permission); err != nil {
		return err
	}
	switch {
	case place == "" && permission == nodeReport:
		return fault.New(fault.Invalid, "identity.token", "identity.token-needs-place", "permission", permission)
	case place != "" && permission != nodeReport && (!Of(Offices()...)[permission] || strings.HasSuffix(permission, ".total")): // sums of the whole city
		return fault.New(fault.Invalid, "identity.token", "identity.token-no-place", "permission", permission)
	}
	return nil
}
