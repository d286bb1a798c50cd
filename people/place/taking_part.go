package place

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Red line 7: taking part is free. Home patrol, reports and volunteering are
// never an indicator, a target or a deadline. The words by which that is known
// stand here, once for every room: names of indicators, what a scoring form
// gives points for, what an office is asked to do by a day.

// takingPart are words for who takes part and for taking part itself: people.
// That a compound takes part in the programme is another matter.
var takingPart = regexp.MustCompile(`平安员|平安志愿|志愿|义工|居家(?:视频)?巡查|家庭(?:视频)?巡查|住户巡查|巡查户|群防群治(?:队|力量|人员)|` +
	`(?:参与|参加)(?:率|度|人数|人次|户数|户次|量|比例|比率|面)|群众(?:参与|参加)|` +
	`(?:用户|群众|居家|家庭|公众号|小程序|客户端|APP|app|App|手机端|机顶盒)[^，。；]{0,6}(?:注册|下载|激活|关注|开通|开户|绑定|收视)[^，。；]{0,4}(?:率|量|数|户|人)`)

// takingPartLatin are the same in Latin letters, as latinWords writes them.
var takingPartLatin = regexp.MustCompile(`\bvolunteer|\bparticipants?\b|\bparticipation\b|\bturnout\b|\b(?:home|household|family) (?:video )?patrol|\bpatrols? (?:from|at) home\b|\bpatrol home\b|` +
	`\b(?:people|person|persons|households|families|who) (?:tak(?:e|es|ing)|took) part\b|\bzhiyuanzhe\b|\bpinganyuan\b|\byigong\b`)

// reporting are words for what residents report and what comes of it.
var (
	reporting      = regexp.MustCompile(`上报|举报|随手拍|事件|警情|发案`)
	reportingLatin = regexp.MustCompile(`report|incident`)
)

// officesReport are the reports of offices and of the people on duty: a return, the state of the work, a lamp that is out.
var officesReport = regexp.MustCompile(`(?:上报|报送|填报)[^，。；\n]{0,8}?(?:进度|进展|月报|周报|日报|报表|材料|方案|计划|总结|台账|数据|清单|情况|数量|点位|场次|故障|维修)|` +
	`(?:进度|进展|月报|周报|日报|报表|材料|方案|计划|总结|台账|数据|清单|情况|故障|维修)[^，。；\n]{0,4}?上报`)

// countedReports are reports and incidents that are counted.
var (
	countedReports = regexp.MustCompile(`(?:上报|举报|随手拍|事件|警情|发案)[^，。；\n]{0,8}?(?:数|量|率|件|起|条|次|例|排名|排行|[0-9０-９])|` +
		`(?:群众|热心|人均|户均|每户|万人|人人|户户)[^，。；\n]{0,6}?(?:上报|举报)|[0-9]+[件起条次例][^，。；\n]{0,4}?(?:上报|举报|事件|警情)`)
	countedReportsLatin = regexp.MustCompile(`\b(?:number|count|counts|share|rate|total|how many|quota|most|fewest) (?:of )?(?:\w+ ){0,3}(?:reports|incidents|tips)\b|` +
		`\b(?:reports?|incidents?|tips) (?:number|count|counts|rate|rates|total|per|quota|ranking|sent|received|filed|made)\b|\breports (?:by|from|of) (?:the )?(?:public|people|volunteers)\b`)
)

// wanted is what makes of a word for taking part something that is to be reached: a number of them, a share, or that they be won.
var (
	wanted = regexp.MustCompile(`[0-9一二两三四五六七八九十百千万]+(?:余|多)?(?:名|人|户|%|成)|(?:平安员|志愿者|义工|参与|参加)[^，。；、]{0,4}[0-9]|不少于|不低于|达到|至少|以上|百分之|率|人数|人次|户数|户次|比例|全覆盖|` +
		`(?:发展|招募|招收|动员|发动|组建|壮大|扩大|扩充)[^，。；、]{0,10}(?:平安员|志愿|义工|参与|参加|群防群治|巡查)|(?:扩大|增加|增至)[^，。；、]{0,8}(?:数量|规模)|排名|排行|评比|考核|积分|人人|户户|家家|全员|目标|指标|任务数`)
	wantedLatin = regexp.MustCompile(`\b(?:recruit|enlist|enroll?|mobili[sz]e|sign up|increase|raise|at least|no fewer|number|share|rate|ratio|per ?cent|percentage|quota|target|rank|ranking|points|score|every (?:household|home|family))\b`)
	aNumber     = regexp.MustCompile(`[0-9]`)
	aDate       = regexp.MustCompile(`[0-9]{4}年|[0-9一二三四五六七八九十]{1,3}(?:月底|月中|月|日|号|时|点|分|次|期|场)|[0-9]{4}-[0-9]{2}-[0-9]{2}|宣传发动`)
)

// notWanted says that it is not to be, or that it is as everybody likes.
var (
	notWanted      = regexp.MustCompile(`(?:不得|不准|不要|不应|不作为?|不列入|不纳入|不下达|不再|严禁|禁止|无需|无须|杜绝)[^，。；\n]{0,16}|(?:参加|参与)人数?(?:不超过|控制在|限)[^，。；\n]{0,8}`)
	notWantedLatin = regexp.MustCompile(`\b(?:not|never|no|without) (?:\w+ ){0,6}(?:targets?|indicators?|deadlines?|quotas?|ranked|ranking|counted|scored)\b`)
)

// NamesTakingPart reports whether the name of a measure has a word for taking
// part, for reports or for incidents: whatever is measured by it would be that.
func NamesTakingPart(name string) bool {
	latin := latinText(name)
	return takingPart.MatchString(bareHan(name)) || takingPartLatin.MatchString(latin) || reporting.MatchString(bareHan(name)) || reportingLatin.MatchString(latin)
}

// CountsTakingPart reports whether a question that gives points or asks for a
// number is about taking part, or counts reports and incidents. What to do with
// an incident and whether faults are reported is work, and may be asked.
func CountsTakingPart(question string) bool {
	latin := latinText(question)
	return takingPart.MatchString(bareHan(question)) || takingPartLatin.MatchString(latin) || countsReports(question, latin)
}

// DemandsTakingPart reports whether a text that says what is to be done by a day
// demands that people take part: how many, what share, or that they be won. A
// text that only speaks of them (to train them, to thank them) demands nothing.
func DemandsTakingPart(text string) bool {
	sentences := strings.FieldsFunc(norm.NFKC.String(text), func(r rune) bool { return strings.ContainsRune("。;；!！\n", r) })
	return slices.ContainsFunc(sentences, func(s string) bool {
		latin := notWantedLatin.ReplaceAllString(latinText(s), "·")
		s = notWanted.ReplaceAllString(s, "·")
		han := aDate.ReplaceAllString(strings.Join(strings.Fields(s), ""), "·")
		switch {
		case countsReports(s, latin):
			return true
		case takingPart.MatchString(han):
			return wanted.MatchString(han)
		case takingPartLatin.MatchString(latin):
			return wantedLatin.MatchString(latin) || aNumber.MatchString(aDate.ReplaceAllString(s, "·"))
		}
		return false
	})
}

func countsReports(text, latin string) bool {
	han := officesReport.ReplaceAllString(strings.Join(strings.Fields(norm.NFKC.String(text)), ""), "·")
	return countedReports.MatchString(han) || countedReportsLatin.MatchString(latin)
}

// latinText is the Latin words of a text in small letters, a blank between two:
// snake_case and camelCase are several words.
func latinText(text string) string { return strings.Join(latinWords(norm.NFKC.String(text)), " ") }
