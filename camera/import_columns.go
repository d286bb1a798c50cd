package camera

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// choice is one value of a closed list, with the words that stand for it.
type choice struct{ key, zh, en string }

var areaChoices = []choice{
	{string(AreaGate), "大门", "gate"},
	{string(AreaRoad), "道路", "road"},
	{string(AreaEntrance), "楼栋出入口", "building entrance"},
	{string(AreaCarPark), "停车场", "car park"},
	{string(AreaYard), "公共活动区", "yard"},
	{string(AreaLift), "电梯", "lift"},
	{string(AreaCorridor), "楼道", "corridor"},
	{string(AreaPlayground), "儿童游乐区", "playground"},
	{string(AreaShed), "非机动车棚", "bicycle shed"},
	{string(AreaPerimeter), "周界", "perimeter"},
	{string(AreaPlant), "设备用房", "plant room"},
	{string(AreaOther), "其他公共区域", "other"},
}

// forbiddenChoices are understood, so that an honest cell gets its reason.
var forbiddenChoices = []choice{
	{string(ForbiddenHome), "住户家中", "home"},
	{string(ForbiddenDormitory), "宿舍", "dormitory"},
	{string(ForbiddenHotel), "客房", "hotel room"},
	{string(ForbiddenBath), "浴室", "bath"},
	{string(ForbiddenToilet), "卫生间", "toilet"},
	{string(ForbiddenChanging), "更衣室", "changing room"},
	{string(ForbiddenNursing), "母婴室", "nursing room"},
}

// forbiddenLabel says a forbidden kind in both languages; which one the reader
// has is not known where a form is checked.
func forbiddenLabel(k AreaKind) string {
	for _, c := range forbiddenChoices {
		if c.key == string(k) {
			return c.zh + " / " + c.en
		}
	}
	return string(k)
}

var basisChoices = []choice{
	{string(BasisPublicSecurity), "公共安全视频系统", "public security"},
	{string(BasisKeyTarget), "防范恐怖袭击重点目标", "key target"},
	{string(BasisOwners), "业主共同决定", "owners' decision"},
	{string(BasisFire), "消防安全", "fire safety"},
	{string(BasisFacility), "设施设备安全", "facility safety"},
}

var kindChoices = []choice{{string(KindCamera), "摄像机", "camera"}, {string(KindRecorder), "录像机", "recorder"}}

var transportChoices = []choice{{"auto", "自动", "auto"}, {"tcp", "TCP", "tcp"}, {"udp", "UDP", "udp"}}

var yesNo = []choice{{"yes", "是", "yes"}, {"no", "否", "no"}}

// column is one column of a list of cameras.
type column struct {
	key      string // JSON name of the field
	zh, en   string
	also     []string // other headings in use
	need     bool
	secret   bool // never repeated in an answer
	choices  []choice
	least    int // of a number; most 0: no number
	most     int
	width    float64
	helpZH   string
	helpEN   string
	sampleZH string
}

func (c column) heading(lang string) string {
	h := c.zh
	if lang == "en" {
		h = c.en
	}
	if c.need {
		h += "*"
	}
	return h
}

// columns in the order of the template.
var columns = []column{
	{key: "name", zh: "名称", en: "Name", also: []string{"摄像机名称", "点位名称", "通道名称", "camera", "camera name"}, need: true, width: 18, helpZH: "页面上显示的名称", helpEN: "What the pages call it", sampleZH: "东门 1"},
	{key: "area", zh: "区域", en: "Area", also: []string{"安装位置", "位置", "location"}, need: true, width: 18, helpZH: "安装在何处", helpEN: "Where it stands", sampleZH: "小区东门"},
	{key: "area_kind", zh: "区域类别", en: "Kind of area", also: []string{"类别", "位置类别"}, need: true, choices: areaChoices, width: 14, helpZH: "从下拉列表选择", helpEN: "Choose from the list", sampleZH: "大门"},
	{key: "angle", zh: "画面内容", en: "Looks at", also: []string{"朝向", "拍摄内容", "监控范围内容", "angle"}, need: true, width: 28, helpZH: "朝向和画面内容，用文字写明", helpEN: "What it looks at, in words", sampleZH: "朝向大门内外车道"},
	{key: "range", zh: "可视范围", en: "Range", also: []string{"范围", "距离"}, width: 14, helpZH: "能看多远", helpEN: "How far it sees", sampleZH: "约 20 米"},
	{key: "reason", zh: "设置理由", en: "Reason", also: []string{"理由", "用途"}, need: true, width: 28, helpZH: "为什么设置这路摄像机", helpEN: "Why it is there", sampleZH: "车辆和人员进出安全"},
	{key: "common", zh: "公共区域", en: "Common area", also: []string{"是否公共区域"}, need: true, choices: yesNo, width: 10, helpZH: "是否全体业主共有的区域", helpEN: "An area that all owners share", sampleZH: "是"},
	{key: "faces_up", zh: "朝上拍摄", en: "Faces up", also: []string{"高空抛物"}, choices: yesNo, width: 10, helpZH: "沿楼体朝上拍摄（如防高空抛物）", helpEN: "Looks up along a building", sampleZH: "否"},
	{key: "looks_at_outside", zh: "仅朝向外部", en: "Looks at the outside only", also: []string{"仅外部"}, choices: yesNo, width: 12, helpZH: "文字涉及卫生间、更衣室等但画面只见其外部时填“是”", helpEN: "Yes, where the words name a private place and only its outside is seen", sampleZH: "否"},
	{key: "basis", zh: "设置依据", en: "Legal basis", also: []string{"依据"}, need: true, choices: basisChoices, width: 20, helpZH: "从下拉列表选择", helpEN: "Choose from the list", sampleZH: "公共安全视频系统"},
	{key: "retention_main_days", zh: "主码流保存天数", en: "Main stream days", also: []string{"保存天数", "主码流天数", "retention"}, least: 1, most: 180, width: 14, helpZH: "不填为 30 天", helpEN: "30 when empty", sampleZH: "7"},
	{key: "retention_sub_days", zh: "子码流保存天数", en: "Sub stream days", also: []string{"子码流天数"}, least: 1, most: 180, width: 14, helpZH: "不填为 30 天", helpEN: "30 when empty", sampleZH: "30"},
	{key: "kind", zh: "设备类别", en: "Kind of device", also: []string{"设备类型"}, choices: kindChoices, width: 10, helpZH: "单台摄像机，或带多个通道的录像机", helpEN: "A camera, or a recorder with channels", sampleZH: "录像机"},
	{key: "device_name", zh: "设备名称", en: "Device name", also: []string{"录像机名称"}, width: 16, helpZH: "同一录像机的各行填同一主机即可", helpEN: "Rows with the same host are one device", sampleZH: "1 号录像机"},
	{key: "host", zh: "主机", en: "Host", also: []string{"ip", "ip地址", "设备ip", "地址", "address"}, width: 16, helpZH: "摄像机或录像机的 IP 地址；主码流填完整地址时可不填", helpEN: "Address of the camera or recorder; may be empty when the main stream is a whole URL", sampleZH: "192.168.1.10"},
	{key: "port", zh: "端口", en: "Port", also: []string{"rtsp端口"}, least: 1, most: 65535, width: 8, helpZH: "不填为 554", helpEN: "554 when empty", sampleZH: "554"},
	{key: "onvif_port", zh: "ONVIF 端口", en: "ONVIF port", least: 1, most: 65535, width: 10, helpZH: "填写后，有人观看时可请设备立即发送关键帧；不知可不填", helpEN: "With it the device can be asked for a key frame when somebody watches; empty when not known", sampleZH: "80"},
	{key: "channel", zh: "通道", en: "Channel", also: []string{"通道号"}, least: 1, most: maxChannels, width: 8, helpZH: "录像机的通道号，从 1 起", helpEN: "Channel of the recorder, from 1", sampleZH: "1"},
	{key: "channels", zh: "通道总数", en: "Channels", also: []string{"通道数"}, least: 1, most: maxChannels, width: 10, helpZH: "录像机的通道总数", helpEN: "How many channels the recorder has", sampleZH: "16"},
	{key: "connection_limit", zh: "连接数上限", en: "Connection limit", least: 0, most: 1024, width: 12, helpZH: "设备最多承受的连接数，不知可不填", helpEN: "Connections the device bears; empty when not known", sampleZH: "32"},
	{key: "transport", zh: "传输方式", en: "Transport", choices: transportChoices, width: 10, helpZH: "不填为自动", helpEN: "Auto when empty", sampleZH: "自动"},
	{key: "user", zh: "用户名", en: "User", also: []string{"登录名", "账号", "username"}, secret: true, width: 12, helpZH: "建议使用仅有预览权限的专用账号", helpEN: "Best an account of its own that may only view", sampleZH: "viewer"},
	{key: "password", zh: "密码", en: "Password", also: []string{"口令"}, secret: true, width: 14, helpZH: "导入后请删除本文件", helpEN: "Delete this file after the import", sampleZH: "（密码）"},
	{key: "main", zh: "主码流地址", en: "Main stream", also: []string{"主码流", "rtsp地址", "rtsp", "url"}, need: true, secret: true, width: 34, helpZH: "路径或完整地址；{channel} 代表通道号", helpEN: "Path or URL; {channel} stands for the channel", sampleZH: "/Streaming/Channels/{channel}01"},
	{key: "sub", zh: "子码流地址", en: "Sub stream", also: []string{"子码流"}, secret: true, width: 34, helpZH: "路径或完整地址", helpEN: "Path or URL", sampleZH: "/Streaming/Channels/{channel}02"},
	{key: "snapshot", zh: "抓图地址", en: "Snapshot", also: []string{"快照地址"}, secret: true, width: 24, helpZH: "可不填", helpEN: "May be empty", sampleZH: ""},
	{key: "sound_reason", zh: "录音目的", en: "Purpose of sound", width: 16, helpZH: "不填即不接收声音", helpEN: "Empty: sound is not taken", sampleZH: ""},
	{key: "sign", zh: "标识牌文字", en: "Sign", also: []string{"标识"}, width: 24, helpZH: "现场提示标识的文字", helpEN: "Text of the sign on the spot", sampleZH: "公共安全视频监控区域"},
	{key: "call_note", zh: "故障联系", en: "Whom to call", also: []string{"故障联系人", "联系方式", "维护联系", "call when broken"}, width: 20, helpZH: "故障时联系哪个岗位（工作人员）", helpEN: "Which post to call when it fails (staff)", sampleZH: "物业监控室"},
	{key: "disabled_reason", zh: "停用原因", en: "Disabled because", width: 16, helpZH: "填写即登记为停用", helpEN: "A reason registers it as disabled", sampleZH: ""},
}

// personHeadings would ask about people; a list with one of them is refused
// (red line 8).
var personHeadings = []string{"身份证", "证件号", "民族", "宗教", "户籍", "籍贯", "重点人员", "重点人", "人脸", "车牌", "业主姓名", "业主电话", "住户姓名", "住户电话", "居民", "idnumber", "idcard", "ethnicity", "religion", "faceid", "plate"}

func normaliseHeading(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	if i := strings.IndexAny(s, "(["); i > 0 {
		s = s[:i]
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n*:：_-'’", r) {
			return -1
		}
		return r
	}, s)
}

func findColumn(heading string) int {
	h := normaliseHeading(heading)
	if h == "" {
		return -1
	}
	return slices.IndexFunc(columns, func(c column) bool {
		for _, name := range append([]string{c.key, c.zh, c.en}, c.also...) {
			if normaliseHeading(name) == h {
				return true
			}
		}
		return false
	})
}

// headings finds the row of headings: among the first twenty, the first with
// three known ones. Titles may stand above it.
func headings(rows [][]string) (row int, at map[int]int) {
	for i, cells := range rows[:min(20, len(rows))] {
		at := map[int]int{}
		for j, cell := range cells {
			if c := findColumn(cell); c >= 0 {
				at[j] = c
			}
		}
		if len(at) >= 3 {
			return i, at
		}
	}
	return -1, nil
}

// pick reads a cell of a closed list, in either language or by its key.
func pick(list []choice, cell string) (string, bool) {
	v := normaliseHeading(cell)
	for _, c := range list {
		if v == normaliseHeading(c.key) || v == normaliseHeading(c.zh) || v == normaliseHeading(c.en) {
			return c.key, true
		}
	}
	if len(list) == len(yesNo) && list[0].key == "yes" {
		switch v {
		case "y", "true", "1", "√", "对", "有":
			return "yes", true
		case "n", "false", "0", "×", "x", "无":
			return "no", true
		}
	}
	return "", false
}

// whole reads a number as spreadsheets show it: 30, 30.0, "30 天", full width.
func whole(cell string) (int, bool) {
	s := strings.TrimSpace(norm.NFKC.String(cell))
	for _, unit := range []string{"天", "日", "days", "day", "路"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, unit))
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, ".0"), ".00")
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func labels(list []choice, lang string) []string {
	out := make([]string, len(list))
	for i, c := range list {
		if out[i] = c.zh; lang == "en" {
			out[i] = c.en
		}
	}
	return out
}
