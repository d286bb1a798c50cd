package city

import (
	"context"
	"fmt"
	"time"

	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// drive is the September campaign; activity one of its acts, with what follows
// it up; notice one to residents, published.
type (
	drive    campaign.Campaign
	activity struct {
		a      campaign.Activity
		follow string
		places []place.ID
		due    place.Day
		photos []photo
	}
	notice struct {
		campaign.Notice
		draft    bool // nobody has published it yet
		withdraw bool // it was published and taken back
	}
)

// photo is a drawing beside an activity.
type photo struct {
	what    picture
	caption string
	seed    uint64
}

func (a drive) play(ctx context.Context, c role.City) error {
	_, err := c.Campaign.Set(ctx, approver, 0, campaign.Campaign(a))
	return err
}

func (a drive) tell(*Memory, time.Time) {}

func (a activity) play(ctx context.Context, c role.City) error {
	done, err := c.Campaign.Put(ctx, clerk, 0, a.a)
	if err != nil {
		return err
	}
	for _, p := range a.photos {
		if _, err := c.Campaign.AddPhoto(ctx, clerk, done.ID, drawn(p.what, p.seed, true), p.caption+"（演示绘图）"); err != nil {
			return err
		}
	}
	if a.follow == "" {
		return nil
	}
	_, err = c.Campaign.FollowUp(ctx, approver, done.ID, a.places, a.follow, "", a.due)
	return err
}

func (a activity) tell(*Memory, time.Time) {}

func (a notice) play(ctx context.Context, c role.City) error {
	n, err := c.Campaign.Write(ctx, clerk, 0, a.Notice)
	if err != nil || a.draft {
		return err
	}
	if n, err = c.Campaign.Publish(ctx, approver, n.Version, n.ID, false); err == nil && a.withdraw {
		_, err = c.Campaign.Publish(ctx, approver, n.Version, n.ID, true)
	}
	return err
}

func (a notice) tell(*Memory, time.Time) {}

// campaign writes the drive month. The four compounds visited and who spoke are
// the published facts; everything else is invented and says so.
func (g *generator) campaign() {
	const id = "september-2017"
	on := func(day int, acts ...act) {
		d := g.on(place.Date(2017, time.September, day))
		d.office = append(d.office, acts...)
	}
	county := map[string]place.ID{}
	var all []place.ID
	for _, c := range g.counties {
		county[c.name] = c.id
		all = append(all, c.id)
	}
	held := func(kind campaign.Kind, strand campaign.Strand, at place.ID, day int, title string) campaign.Activity {
		return campaign.Activity{Campaign: id, Kind: kind, Strand: strand, Place: at, Day: place.Date(2017, time.September, day), Title: title}
	}
	line := func(part campaign.Part, text, where string, n int) campaign.Line {
		return campaign.Line{Part: part, Text: text, Where: where, Number: n}
	}
	on(1, drive{
		ID: id, Name: "“平安小区”创建集中攻坚月", From: place.Date(2017, time.September, 1), Until: place.Date(2017, time.September, 30),
		Purpose: "集中开展宣传发动、联网建设、巡逻防控、结对帮扶，提升小区人防、物防、技防水平。",
		Goals: []campaign.Goal{
			{Strand: campaign.Publicity, Text: "小区出入口、公告栏集中宣传，居民知晓创建工作"},
			{Strand: campaign.Networking, Text: "已建视频监控的小区加快与综治信息平台联网"},
			{Strand: campaign.Patrol, Text: "小区保安落实24小时值班，巡逻道路、楼栋、停车场，不留防控死角"},
			{Strand: campaign.Help, Text: "成员单位与治安基础薄弱小区结对，帮扶资金十月底前到位"},
		},
	})
	for i, name := range []string{"兰山区", "罗庄区", "沂水县", "费县", "临沭县"} {
		if county[name] == "" {
			panic(fmt.Sprintf("city: no county %s in the divisions", name)) // the divisions are part of this program
		}
		a := held(campaign.Spread, campaign.Publicity, county[name], 5+i, name+"集中宣传日（演示）")
		a.Attendance = 60 + 15*i
		a.Lines = []campaign.Line{line(campaign.Handed, "创建宣传页", "小区出入口", 800+150*i), line(campaign.Handed, "海报", "社区公告栏", 40+5*i)}
		on(5+i, activity{a: a, photos: []photo{
			{[]picture{banner, leaflet, board, leaflet, banner}[i], "小区出入口宣传点", uint64(10 + i)},
			{[]picture{board, banner, leaflet, board, board}[i], "社区公告栏", uint64(20 + i)},
		}})
	}
	a := held(campaign.Meeting, campaign.Networking, county["罗庄区"], 13, "视频联网技术对接会（演示）")
	a.Attendance, a.Text = 35, "逐个街道核对未联网小区，明确网络接入方式和完成时限。\n会后由各街道每周报送进度。（演示）"
	a.Lines = []campaign.Line{line(campaign.Agenda, "通报联网进度", "", 0), line(campaign.Agenda, "逐个小区明确接入方式", "", 0)}
	on(13, activity{a: a, photos: []photo{{meeting, "对接会会场", 31}}})
	a = held(campaign.Visit, campaign.Patrol, county["兰山区"], 19, "夜间巡逻现场观摩（演示）")
	a.Attendance, a.Lessons = 28, "巡逻路线覆盖停车场后，夜间照明故障报修更及时。（演示）"
	a.Text = "保安与社区民警同走一条巡逻路线，沿途检查门禁、照明和消防通道。（演示）"
	a.Lines = []campaign.Line{line(campaign.Stop, "银河湾3号院", "", 0)}
	on(19, activity{a: a, photos: []photo{{night, "夜间巡逻路线上的照明", 41}, {"light", "停车场一侧的路灯", 42}}})
	a = held(campaign.Visit, campaign.Help, county["费县"], 21, "结对帮扶项目现场观摩（演示）")
	a.Attendance, a.Lessons = 24, "先列设施清单，再逐项落实帮扶资金，完成一项公示一项。（演示）"
	a.Text = "成员单位与社区、物业一同查看围墙、路灯和单元门禁的修缮情况，核对资金到位和公示情况。（演示）"
	a.Lines = []campaign.Line{line(campaign.Stop, "修缮后的小区围墙", "", 0), line(campaign.Stop, "新增路灯的停车场", "", 0)}
	on(21, activity{a: a, photos: []photo{{"fence", "修缮后的围墙", 61}, {"door", "更换后的单元门", 62}}})
	a = held(campaign.Meeting, campaign.Publicity, g.city, 27, "“平安小区”创建现场观摩暨经验交流会")
	a.Attendance, a.Text = 120, "与会人员实地观摩四个小区，听取五个县区和两个成员单位的经验介绍，通报了截至9月27日的进展。参会人数和本纪要为演示内容。"
	for _, v := range []string{"金阳花园（东苗庄社区）", "银河湾3号院", "三孔桥小区（煤山社区）", "金雀新城小区（金泰社区）"} {
		a.Lines = append(a.Lines, line(campaign.Stop, v, "兰山区", 0))
	}
	for _, unit := range []string{"兰山区", "罗庄区", "沂水县", "费县", "临沭县", "市总工会", "市工商局"} {
		a.Lines = append(a.Lines, line(campaign.Speaker, "经验介绍", unit, 0))
	}
	on(27, activity{a: a, follow: "学习观摩经验，报送本地推进措施", places: all, due: place.Date(2017, time.October, 13), photos: []photo{
		{court, "观摩点：金阳花园", 51}, {"access-control", "观摩点：银河湾3号院单元门禁", 52}, {"fire-lane", "观摩点：三孔桥小区消防通道", 53}, {"camera", "观摩点：金雀新城小区公共区域摄像机", 54}, {meeting, "经验交流会会场", 55},
	}})
	g.notices(county)
}

// notices writes what residents are told: by the city, a county, a street, a
// compound. One is a draft still, one was taken back.
func (g *generator) notices(county map[string]place.ID) {
	live := g.all[0] // the compound whose cameras the demo shows
	add := func(day int, at place.ID, signed, title, body string, how notice) {
		how.Notice = campaign.Notice{Place: at, Title: title, Signed: signed + "（演示）", Day: place.Date(2017, time.September, day), Body: body}
		d := g.on(how.Day)
		d.office = append(d.office, how)
	}
	add(4, g.city, "临沂市综治办", "关于开展“平安小区”创建集中攻坚月的公告", "九月为“平安小区”创建集中攻坚月，重点做好宣传发动、联网建设、巡逻防控、结对帮扶四项工作。\n创建工作只涉及小区公共区域和设施，不收集居民个人信息。\n对本小区的消防通道、路灯、大门等问题，可以向物业或社区反映。（演示）", notice{})
	add(8, county["兰山区"], "兰山区综治办", "致居民朋友的一封信", "为让小区更安全，本区正在开展“平安小区”创建。\n公共区域的摄像机只用于安全，录像保存在小区，每一次查看都有登记。\n发现消防通道堵塞、路灯不亮、大门损坏，请告诉物业或社区。是否参与全凭自愿。", notice{})
	add(12, live.id, "金阳花园物业服务处", "小区公共区域摄像机检修通知", "9月14日上午9时至11时检修东侧停车场和休闲广场的摄像机，期间这两处没有画面，门卫加密巡逻。检修情况将在公告栏公布。（演示）", notice{})
	add(15, county["罗庄区"], "罗庄区综治办", "小区消防通道集中清理通知", "本周起集中清理各小区消防通道。请勿在通道内停放车辆、堆放物品。（演示）", notice{withdraw: true})
	add(20, county["沂水县"], "沂水县综治办", "帮扶资金使用情况公示说明", "各小区帮扶资金的到位、支出和用途在小区公示栏和公示页面同步公开，可以随时查看。（演示）", notice{})
	add(26, county["兰山区"], "兰山区综治办", "国庆期间小区夜间巡逻安排", "国庆期间各小区加强夜间巡逻，重点是停车场、楼栋出入口和消防通道。（演示）", notice{draft: true})
}
