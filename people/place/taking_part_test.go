package place_test

import (
	"testing"

	"linli.dev/linli/people/place"
)

// Red line 7 in words: what a measure is called, what a form gives points for, and what is to be done by a day.
func TestWhatCountsTakingPart(t *testing.T) {
	for text, want := range map[string][3]bool{
		// of an indicator; of a scored question; of a task
		"平安员人数":                             {true, true, true},
		"志愿者不少于20名":                         {true, true, true},
		"发展平安员100名":                         {true, true, true},
		"居家视频巡查户次":                          {true, true, true},
		"居家视频巡查率":                           {true, true, true},
		"群众上报数":                             {true, true, true},
		"群众上报线索不少于50条":                      {true, true, true},
		"群众参与率":                             {true, true, true},
		"宣传活动参加率达到80%":                      {true, true, true},
		"平安 APP 注册率":                        {true, true, true},
		"组建义工队，每小区10人":                      {true, true, true},
		"动员家家户户参加居家巡查":                      {true, true, true},
		"事件数":                               {true, true, true},
		"发案数排名":                             {true, true, true},
		"每月举报20条":                           {true, true, true},
		"Number of volunteers":              {true, true, true},
		"number_of_volunteers":              {true, true, true},
		"Home patrol share":                 {true, true, true},
		"Participation rate":                {true, true, true},
		"volunteerCount":                    {true, true, false}, // a name, no sentence
		"Reports received per month":        {true, true, true},
		"How many incidents":                {true, true, true},
		"Recruit volunteers by 30 November": {true, true, true},
		"People taking part: 60 at least":   {true, true, true},
		// the work itself
		"平安员培训":                 {true, true, false},
		"组织一次平安员培训":             {true, true, false},
		"10月20日前对5个小区的平安员进行培训":  {true, true, false},
		"开展宣传发动，介绍平安员工作":        {true, true, false},
		"平安员自愿参与，不得下达指标":        {true, true, false},
		"Train the volunteers":  {true, true, false},
		"突发事件应急预案":              {true, false, false},
		"设施故障及时上报维修":            {true, false, false},
		"集中宣传发动进展情况上报":          {true, false, false},
		"每周上报3次进度":              {true, false, false},
		"Faults are reported":   {true, false, false},
		"Incident log is kept":  {true, false, false},
		"保安人数":                  {false, false, false},
		"保安不少于6名":               {false, false, false},
		"纳入创建的小区":               {false, false, false},
		"召开推进会，30人参加":           {false, false, false},
		"发放宣传页不少于800份":          {false, false, false},
		"视频监控建成率":               {false, false, false},
		"Guards on every shift": {false, false, false},
		"Compounds taking part": {false, false, false},
		"Cameras per compound":  {false, false, false},
		"修缮大门":                  {false, false, false},
		"":                      {false, false, false},
		"帮扶资金尚未到位督办":            {false, false, false},
		"报送集中宣传的场次、点位和发放材料数量":   {false, false, false},
		"逐个小区核实联网状态，列出未联网原因和完成时限": {false, false, false},
		"一键报警装置数量": {false, false, false},
		"小区保安落实24小时值班，巡逻道路、楼栋、停车场": {false, false, false},
	} {
		if got := [3]bool{place.NamesTakingPart(text), place.CountsTakingPart(text), place.DemandsTakingPart(text)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Red line 8 in what is to be done: nobody is asked for lists of residents; residents may be spoken of.
func TestWhatAsksForResidents(t *testing.T) {
	for text, want := range map[string]bool{
		"每周上报重点人员名单":            true,
		"重点人员管控":                true,
		"登记居民身份证":               true,
		"摸排外来人口底数":              true,
		"统计小区常住人口":              true,
		"建立独居老人台账":              true,
		"采集住户信息":                true,
		"收集居民姓名和电话":             true,
		"A list of the tenants": true,
		"Register key persons":  true,
		"How many elderly":      true,
		"小区出入口、公告栏集中宣传，居民知晓创建工作": false,
		"向居民发放宣传页":     false,
		"致居民的一封信张贴到楼栋": false,
		"慰问困难老人":       false,
		"收集居民意见":       false,
		"居民信息不得采集":     false,
		"统计业主委员会成立情况":  false,
		"排查居民楼消防通道":    false,
		"安装儿童游乐区围栏":    false,
		"逐个小区核实联网状态，列出未联网原因和完成时限": false,
		"Tell the residents":      false,
		"A list of broken lamps":  false,
		"Letter to all residents": false,
		"无物业管理或技防设施不足，周边人口密集":      false,
		"Residents' committee met": false,
	} {
		if got := place.AsksForResidents(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
