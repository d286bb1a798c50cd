package place

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Red line 8: no column, form, indicator, register or category asks about a
// natural person who is not on duty. The words by which that is known stand
// here, once for every room: headings of lists, questions of inspections, names
// of indicators, areas and channels.
//
// A word for residents is refused by itself, however the question goes on, for
// nobody can list all that may be asked of them. What is left are things and
// bodies that are called by them (a residents' committee, an owners' meeting, a
// children's playground), and what is said to residents: those phrases are taken
// out before the words are looked for.

// aboutPeople are words that no heading, name or question may have.
var aboutPeople = []string{
	// who lives there
	"居民", "住户", "业主", "村民", "户主", "人口", "租户", "承租人", "租客", "房客", "住客", "同住人", "家庭成员", "家庭情况", "家庭住址", "暂住", "流动人员", "外来人员", "外来务工",
	"居住人数", "常住人数", "入住人数", "租住人数", "实有人数", "居住人员", "常住人员", "租住人员", "实有人员", "入住人员", "户数", "入住率", "空置率", "空置户", "空巢", "独居", "留守",
	// what somebody is
	"老人", "老年人", "儿童", "小孩", "未成年人", "妇女", "孕妇", "残疾", "残障", "低保", "五保", "优抚", "党员", "退役军人", "少数民族",
	"精神病", "精神障碍", "精神疾病", "病史", "血型", "前科", "刑满", "服刑", "吸毒", "戒毒", "社区矫正", "重点人", "重点人员", "信访人", "上访", "帮教对象",
	// what papers say of somebody
	"身份证", "身份号码", "证件号", "证件类型", "民族", "宗教", "信仰", "信教", "户籍", "户口", "籍贯", "国籍", "人脸", "指纹", "车牌", "出生日期", "出生年月", "婚姻", "婚育", "政治面貌", "文化程度", "收入状况", "手机号",
}

// asItIsCalled are phrases that have such a word and ask about nobody: bodies
// and their meetings, things that are called so, what is said to residents, and
// the sentence that nothing about them is to be written down.
var asItIsCalled = []*regexp.Regexp{
	regexp.MustCompile(`(?:社区)?(?:居民|村民)(?:委员会|代表大会|大会|会议|小组|公约|自治|议事厅?|监督委员会|服务中心|服务站)`),
	regexp.MustCompile(`居民(?:住宅小区|住宅楼|住宅区|小区|楼院|楼栋|楼|区|院落|活动(?:中心|室|站|场所|场地|广场)|广场|食堂)`),
	regexp.MustCompile(`业主(?:委员会|代表大会|大会|会议|公约|代表|监督委员会|意见箱)`),
	regexp.MustCompile(`(?:居民|业主|住户)(?:专用)?(?:通道|出入口|入口|停车场|停车区|停车位|车库|活动区域?|休闲区|健身区)`),
	regexp.MustCompile(`(?:用|商|门)户数`),
	regexp.MustCompile(`住户(?:单元门|门|对讲)`),
	regexp.MustCompile(`(?:向|对|致|给|告知|通知|提醒|方便|便于|面向)(?:全体|本小区|小区|广大|各)*(?:居民|业主|住户|村民)(?:朋友)?们?的?(?:一封信|公开信|告知书|倡议书|公示|公开|公布|告知|通知|通告|宣传|发放|张贴|开放|说明|提示|反馈|通报|通行|出入)`),
	regexp.MustCompile(`不(?:得|准|要|应|可|能|再)?(?:填写|填报|登记|采集|收集|涉及|询问|记录|拍摄|摄入|出现)(?:任何)?(?:居民|业主|住户|村民)(?:个人)?(?:信息|情况|姓名|资料)?`),
	regexp.MustCompile(`(?:儿童|小孩)(?:游乐|活动|乐园|公园|滑梯|设施|玩具|广场|场地|安全座椅|医院)`),
	regexp.MustCompile(`(?:老人|老年人|老年)(?:活动|中心|大学|公寓|食堂|之家|健身|棋牌|座椅|扶手)`),
	regexp.MustCompile(`残疾人?(?:通道|坡道|车位|停车位|卫生间|厕所|设施|专用|联合会)`),
	regexp.MustCompile(`党员(?:活动|先锋|示范岗|之家|服务)`),
	regexp.MustCompile(`妇女(?:儿童)?(?:联合会|之家|活动)`),
	regexp.MustCompile(`精神病(?:专科)?(?:医院|院)`),
	regexp.MustCompile(`民族(?:路|街|广场|学校|中学|小学|乡)`),
	regexp.MustCompile(`出人口`), // 出入口, as it is often mistyped
}

// aboutPeopleLatin are the same in Latin letters: English, and the pinyin that
// people make names of columns from.
var aboutPeopleLatin = []string{
	"idnumber", "idcard", "identitycard", "identitynumber", "nationalid", "passport", "ethnicity", "ethnicgroup", "religion", "religious", "householdregistration", "household", "resident", "tenant",
	"inhabitant", "occupant", "lodger", "homeowner", "flatowner", "ownername", "ownerphone", "population", "elderly", "children", "minors", "disabledperson", "disability", "pensioner", "partymember", "mentalillness", "criminalrecord",
	"keyperson", "birthdate", "dateofbirth", "licenceplate", "licenseplate", "numberplate", "phonenumber", "maritalstatus", "nationality", "fingerprint",
	"shenfenzheng", "minzu", "zongjiao", "hukou", "huji", "jumin", "zhuhu", "yezhu", "renkou", "zuhu", "huzhu",
}

var asItIsCalledLatin = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:residents?|homeowners?|tenants?)['’]?s?['’]?\s+(?:committees?|associations?|meetings?|assembly|councils?)\b`),
	regexp.MustCompile(`(?i)\bresidential\b`),
	regexp.MustCompile(`(?i)\bchildren['’]?s?\s+(?:play\w*|slides?|areas?|parks?|facilities)\b`),
	regexp.MustCompile(`(?i)\bhousehold\s+(?:waste|rubbish|refuse)\b`),
	regexp.MustCompile(`(?i)\b(?:told|shown|said|notice|notices|letter|information|open)\s+to\s+(?:all\s+|the\s+)*(?:residents|owners|tenants)\b`),
	regexp.MustCompile(`(?i)\b(?:nothing|not|no\s+data|no\s+details)\s+(?:\w+\s+){0,3}(?:about|of|on)\s+(?:residents?|tenants?|owners?)\b`),
}

// askedOfSomebody are words that ask who somebody is or how to reach them,
// where the answer is free: a question whose answers are given asks of a thing.
var (
	askedOfSomebody      = []string{"姓名", "名字", "电话", "手机", "微信", "年龄", "性别", "住址", "门牌", "房号", "工作单位", "联系方式", "联系人"}
	askedOfSomebodyLatin = []string{"phone", "telephone", "mobile", "wechat", "surname", "fullname", "firstname", "lastname", "personname", "gender", "flatnumber", "homeaddress", "xingming", "dianhua", "shouji"}
)

// sizeOfABuilding are headings of how many flats a building or a compound has.
// That is a building's size and tells of nobody, so a list in which it stands is
// taken; but nothing here needs the number, so the column is passed over (red
// line 9). A form or an indicator that asks for it has no such excuse.
var sizeOfABuilding = []string{"户数", "总户数", "规划户数", "设计户数", "住宅户数", "住宅套数", "套数", "总套数", "flats", "numberofflats", "households", "numberofhouseholds"}

// AsksAboutPeople reports whether a heading, a name or a question is one that
// must not be.
func AsksAboutPeople(text string) bool { return speaksOf(text, aboutPeople, aboutPeopleLatin) }

// AsksWhoSomebodyIs reports the same of a question whose answer is free text or
// any number: of such a one more is refused.
func AsksWhoSomebodyIs(text string) bool {
	return AsksAboutPeople(text) || speaksOf(text, askedOfSomebody, askedOfSomebodyLatin)
}

// watched are words that no task and no goal may have, whatever it says of them: lists of people to watch, and their papers.
var (
	watched      = []string{"重点人", "精神病人", "精神病患", "精神障碍", "前科", "刑满", "服刑", "吸毒", "戒毒", "社区矫正", "信访人", "上访人", "帮教对象", "身份证", "身份号码"}
	watchedLatin = []string{"idnumber", "idcard", "identitycard", "identitynumber", "nationalid", "keyperson", "criminalrecord", "mentalillness"}
	// askedFor is what makes of a word for residents a question about them.
	askedFor      = regexp.MustCompile(`名单|花名册|名册|登记|摸排|排查|摸底|采集|收集|统计|造册|建档|档案|台账|信息|底数|人数|户数|姓名|电话|掌握|上报|填报|报送`)
	askedForLatin = regexp.MustCompile(`\b(?:lists?|regist\w*|census|survey\w*|collect\w*|names|numbers?|how many|data|details|records?|files?|report\w*|count\w*)\b`)
	// guarded says that it is not to be asked for; what residents wish is no question about them.
	guarded = regexp.MustCompile(`(?:居民|业主|住户|村民)们?(?:的)?(?:意见|建议|诉求|反映|反馈|投诉|关心|需求)|` +
		`(?:居民|业主|住户|村民)(?:个人)?(?:的)?(?:信息|资料|情况|数据)?(?:不得|不准|不要|不能|严禁|禁止)[^，。；\n]{0,10}`)
)

// AsksForResidents reports whether a text that says what is to be done asks for
// what no form may ask (AsksAboutPeople). A sentence may speak of residents (what
// they are told, what is done for them); lists of them it may not want.
func AsksForResidents(text string) bool {
	if speaksOf(text, watched, watchedLatin) {
		return true
	}
	text = guarded.ReplaceAllString(norm.NFKC.String(text), "·")
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("。;！!，,\n", r) }) {
		if (askedFor.MatchString(s) || askedForLatin.MatchString(latinText(s))) && AsksAboutPeople(s) {
			return true
		}
	}
	return false
}

// HeadingAboutPeople is AsksAboutPeople of the heading of somebody's list.
func HeadingAboutPeople(heading string) bool {
	h := heading
	if i := strings.IndexAny(norm.NFKC.String(h), "(["); i > 0 { // a unit
		h = norm.NFKC.String(h)[:i]
	}
	return !slices.Contains(sizeOfABuilding, strings.ToLower(bareHan(h))) && AsksAboutPeople(heading)
}

// bareHan is a text without blanks and marks, in ordinary width.
func bareHan(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
}

func speaksOf(text string, chinese, latin []string) bool {
	han := bareHan(text)
	for _, p := range asItIsCalled {
		han = p.ReplaceAllString(han, "·") // not joined: what stood before and after is no word
	}
	if slices.ContainsFunc(chinese, func(w string) bool { return strings.Contains(han, w) }) {
		return true
	}
	text = norm.NFKC.String(text)
	for _, p := range asItIsCalledLatin {
		text = p.ReplaceAllString(text, "·")
	}
	words := latinWords(text)
	for i := range words {
		// A word may be written in one, in several, or with others glued to it; but "valid number" has no "id number" in it.
		from := strings.Join(words[i:min(i+4, len(words))], "")
		if slices.ContainsFunc(latin, func(w string) bool {
			return strings.HasPrefix(from, w) || strings.Contains(words[i], w) && words[i] != "president"
		}) {
			return true
		}
	}
	return false
}

// latinWords are the runs of Latin letters of a text, cut where camelCase
// begins a new word, in small letters.
func latinWords(text string) (out []string) {
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	var last rune
	for _, r := range text {
		switch {
		case !unicode.Is(unicode.Latin, r):
			end()
		default:
			if unicode.IsUpper(r) && unicode.IsLower(last) {
				end()
			}
			word = append(word, r)
		}
		last = r
	}
	end()
	return out
}
