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
	}
	notice campaign.Notice
)

func (a drive) play(ctx context.Context, c role.City) error {
	_, err := c.Campaign.Set(ctx, approver, 0, campaign.Campaign(a))
	return err
}

func (a drive) tell(*Memory, time.Time) {}

func (a activity) play(ctx context.Context, c role.City) error {
	done, err := c.Campaign.Put(ctx, clerk, 0, a.a)
	if err != nil || a.follow == "" {
		return err
	}
	_, err = c.Campaign.FollowUp(ctx, approver, done.ID, a.places, a.follow, "", a.due)
	return err
}

func (a activity) tell(*Memory, time.Time) {}

func (a notice) play(ctx context.Context, c role.City) error {
	n, err := c.Campaign.Write(ctx, clerk, 0, campaign.Notice(a))
	if err != nil {
		return err
	}
	_, err = c.Campaign.Publish(ctx, approver, n.Version, n.ID, false)
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
		on(5+i, activity{a: a})
	}
	a := held(campaign.Meeting, campaign.Networking, county["罗庄区"], 13, "视频联网技术对接会（演示）")
	a.Attendance, a.Text = 35, "逐个街道核对未联网小区，明确网络接入方式和完成时限。\n会后由各街道每周报送进度。（演示）"
	a.Lines = []campaign.Line{line(campaign.Agenda, "通报联网进度", "", 0), line(campaign.Agenda, "逐个小区明确接入方式", "", 0)}
	on(13, activity{a: a})
	a = held(campaign.Visit, campaign.Patrol, county["兰山区"], 19, "夜间巡逻现场观摩（演示）")
	a.Attendance, a.Lessons = 28, "巡逻路线覆盖停车场后，夜间照明故障报修更及时。（演示）"
	a.Text = "保安与社区民警同走一条巡逻路线，沿途检查门禁、照明和消防通道。（演示）"
	a.Lines = []campaign.Line{line(campaign.Stop, "银河湾3号院", "", 0)}
	on(19, activity{a: a})
	a = held(campaign.Meeting, campaign.Publicity, g.city, 27, "“平安小区”创建现场观摩暨经验交流会")
	a.Attendance, a.Text = 120, "与会人员实地观摩四个小区，听取五个县区和两个成员单位的经验介绍，通报了截至9月27日的进展。参会人数和本纪要为演示内容。"
	for _, v := range []string{"金阳花园（东苗庄社区）", "银河湾3号院", "三孔桥小区（煤山社区）", "金雀新城小区（金泰社区）"} {
		a.Lines = append(a.Lines, line(campaign.Stop, v, "兰山区", 0))
	}
	for _, unit := range []string{"兰山区", "罗庄区", "沂水县", "费县", "临沭县", "市总工会", "市工商局"} {
		a.Lines = append(a.Lines, line(campaign.Speaker, "经验介绍", unit, 0))
	}
	on(27, activity{a: a, follow: "学习观摩经验，报送本地推进措施", places: all, due: place.Date(2017, time.October, 13)})
	on(8, notice{
		Place: county["兰山区"], Title: "致居民朋友的一封信", Signed: "兰山区综治办（演示）", Day: place.Date(2017, time.September, 8),
		Body: "为让小区更安全，本区正在开展“平安小区”创建。\n公共区域的摄像机只用于安全，录像保存在小区，每一次查看都有登记。\n发现消防通道堵塞、路灯不亮、大门损坏，请告诉物业或社区。是否参与全凭自愿。",
	})
}
