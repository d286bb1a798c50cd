package sheet

import (
	"slices"
	"strings"

	"linli.dev/linli/people/place"
)

// Key names what a column says of a compound.
type Key string

// The keys of columns that are no number of protection; those have the name of
// their sort.
const (
	City      Key = "city"
	County    Key = "county"
	Street    Key = "street"
	Community Key = "community"
	Name      Key = "name"
	Building  Key = "building"
	Level     Key = "level"
	Code      Key = "code"
	NameEN    Key = "name_en"
	Class     Key = "class"
	Weak      Key = "weak"
	Criteria  Key = "criteria"
	Evidence  Key = "evidence"
	Lon       Key = "lon"
	Lat       Key = "lat"
	From      Key = "from"
	ID        Key = "id"
)

type form int

const (
	aText form = iota
	aClass
	aYes
	aDay
	aNumber
	aDegree
	aLevel
	aPlan
	anArea
	aState
	aSort
	aCondition
)

// column is one column of a list.
type column struct {
	key            Key
	form           form
	zh, en         string
	also           []string // other headings in use
	need           bool
	spreads        bool // a merged cell stands for all its rows
	exact          bool // a heading that is only like it means something else
	most           int  // characters of a text
	width          float64
	helpZH, helpEN string
	example        string
}

// compoundColumns in the order of the template.
var compoundColumns = slices.Concat(placeColumns, shareColumns, pointColumns)

var placeColumns = []column{
	{key: County, zh: "县区", en: "County", also: []string{"区县", "县", "所属县区", "县（区）", "county", "district"}, spreads: true, width: 12, helpZH: "所在县区，从下拉列表选择", helpEN: "Choose from the list", example: "兰山区"},
	{key: Street, zh: "街道（乡镇）", en: "Street or town", also: []string{"街道/乡镇", "街道", "乡镇", "镇街", "乡镇街道", "所属街道", "镇（街道）", "street", "town"}, spreads: true, width: 16, helpZH: "所在街道或乡镇，从下拉列表选择", helpEN: "Choose from the list", example: "银雀山街道"},
	{key: Community, zh: "社区（村）", en: "Community", also: []string{"社区/村", "社区", "村居", "村", "所属社区", "社区名称", "community", "village"}, need: true, spreads: true, width: 18, helpZH: "所在社区或村，须为“地点”中已有的名称", helpEN: "As it is called in the list of places", example: "东苗庄社区"},
	{key: Name, zh: "小区名称", en: "Compound", also: []string{"小区", "小区名", "住宅小区", "居民小区", "小区（院）名称", "compound name", "name", "名称"}, need: true, most: 60, width: 24, helpZH: "小区全称", helpEN: "Full name", example: "金阳花园"},
	{key: Code, zh: "编码", en: "Code", also: []string{"小区编码", "代码", "小区代码", "code"}, most: 20, width: 14, helpZH: "可不填", helpEN: "May be empty", example: ""},
	{key: Class, form: aClass, zh: "小区类别", en: "Class", also: []string{"类别", "创建类别", "小区类型", "分类", "class"}, width: 12, helpZH: "示范、帮扶或其他；不填则不变", helpEN: "Demonstration, helped or other; empty leaves it alone", example: "示范"},
	{key: Weak, form: aYes, zh: "治安基础薄弱", en: "Weak", also: []string{"薄弱小区", "是否薄弱", "基础薄弱", "weak"}, width: 14, helpZH: "是或否；不填则不变。帮扶小区须为薄弱小区", helpEN: "Yes or no; empty leaves it alone. A helped compound is a weak one", example: "否"},
	{key: Criteria, zh: "评定依据", en: "Criteria", also: []string{"依据", "评定标准", "列入依据", "criteria"}, most: 200, width: 24, helpZH: "列入示范、帮扶或薄弱时必填", helpEN: "Needed to enter a class, or the list of weak ones", example: "创建标准第三条"},
	{key: Evidence, zh: "佐证材料", en: "Evidence", also: []string{"佐证", "证明材料", "文件", "evidence"}, most: 200, width: 24, helpZH: "列入示范、帮扶或薄弱时必填", helpEN: "Needed likewise", example: "县区综治办 2017 年 8 月核查表"},
	{key: "guard", form: aNumber, zh: "保安（人）", en: "Guards", also: []string{"保安人数", "保安", "保安员", "保安员人数", "安保人数"}, width: 10},
	{key: "volunteer", form: aNumber, zh: "平安员（人）", en: "Volunteers", also: []string{"平安员人数", "平安员", "志愿者", "平安志愿者", "志愿者人数"}, width: 12},
	{key: "fence", form: aNumber, zh: "围墙（处）", en: "Fences", also: []string{"围墙", "围墙护栏", "围栏"}, width: 10},
	{key: "gate", form: aNumber, zh: "大门（处）", en: "Gates", also: []string{"大门", "出入口", "小区大门", "大门数"}, width: 10},
	{key: "door", form: aNumber, zh: "单元门（樘）", en: "Doors", also: []string{"单元门", "楼宇门", "防盗门"}, width: 12},
	{key: "light", form: aNumber, zh: "路灯（盏）", en: "Lights", also: []string{"路灯", "照明", "路灯数", "路灯数量"}, width: 10},
	{key: "fire-lane", form: aNumber, zh: "消防通道（条）", en: "Fire lanes", also: []string{"消防通道", "消防车通道"}, width: 14},
	{key: "camera", form: aNumber, zh: "视频监控（路）", en: "Cameras", also: []string{"监控", "视频监控", "摄像头", "摄像机", "监控探头", "探头数", "监控路数"}, width: 14},
	{key: "alarm", form: aNumber, zh: "报警装置（套）", en: "Alarms", also: []string{"报警", "报警装置", "报警器", "一键报警"}, width: 14},
	{key: "intercom", form: aNumber, zh: "楼宇对讲（套）", en: "Intercoms", also: []string{"对讲", "楼宇对讲", "可视对讲"}, width: 14},
	{key: "access-control", form: aNumber, zh: "门禁（套）", en: "Access control", also: []string{"门禁", "门禁系统", "门禁数"}, width: 12},
}

var pointColumns = []column{
	{key: Lon, form: aDegree, zh: "经度", en: "Longitude", also: []string{"东经", "经度（WGS-84）", "lon", "lng", "x坐标"}, width: 12, helpZH: "WGS-84，小数度，如 118.35；与纬度同填，不填则不变", helpEN: "WGS-84, decimal degrees, together with the latitude; empty leaves it alone", example: ""},
	{key: Lat, form: aDegree, zh: "纬度", en: "Latitude", also: []string{"北纬", "纬度（WGS-84）", "lat", "y坐标"}, width: 12, helpZH: "WGS-84，小数度，如 35.05；与经度同填，不填则不变", helpEN: "WGS-84, decimal degrees, together with the longitude; empty leaves it alone", example: ""},
	{key: From, form: aDay, zh: "统计日期", en: "From", also: []string{"日期", "截止日期", "数据日期", "填报日期", "统计时间", "from", "date"}, spreads: true, width: 14, helpZH: "本行数据自哪一天起；不填为所选日期", helpEN: "The day from which the row holds; the chosen day when empty", example: "2017-09-27"},
	{key: ID, zh: "系统编号", en: "Linli id", also: []string{"系统编号（勿改）", "id"}, most: 26, width: 30, helpZH: "由导出带出，请勿改动；新小区不填", helpEN: "Comes with an export, leave it alone; empty for a new compound", example: ""},
}

// passing are headings that are understood and not taken: they say nothing that is to be kept.
var passing = []string{"序号", "编号", "no", "备注", "remark", "remarks", "市", "地市", "city", "合计", "原行号", "问题", "row", "problem"}

func (c *column) heading(lang string) string {
	if lang == "en" {
		return c.en
	}
	return c.zh
}

func (c *column) help(lang string) string {
	h := c.helpZH
	if lang == "en" {
		h = c.helpEN
	}
	if h != "" || c.form != aNumber {
		return h
	}
	if lang == "en" {
		return "A whole number; empty leaves it alone, \"clear\" takes it back"
	}
	return "整数；不填则不变，填“清空”则撤回"
}

// word is one value of a closed list.
type word struct {
	key, zh, en string
	also        []string
}

var classWords = []word{
	{string(place.Demonstration), "示范", "demonstration", []string{"示范小区", "创建示范", "平安示范小区", "示范类"}},
	{string(place.Helped), "帮扶", "helped", []string{"帮扶小区", "结对帮扶", "重点帮扶", "帮扶类"}},
	{string(place.Other), "其他", "other", []string{"其他小区", "其它", "一般", "普通", "一般小区", "普通小区", "无"}},
}

var yesWords = []word{
	{"yes", "是", "yes", []string{"y", "true", "1", "√", "✓", "✔", "对", "有", "薄弱"}},
	{"no", "否", "no", []string{"n", "false", "0", "×", "x", "✗", "无", "不是", "不薄弱"}},
}

var levelWords = []word{
	{string(place.County), "县区", "county", []string{"县", "区", "区县", "县（区）", "县级"}},
	{string(place.Street), "街道（乡镇）", "street or town", []string{"街道", "乡镇", "镇", "乡", "镇街", "街道/乡镇", "乡级", "street", "town"}},
	{string(place.Community), "社区（村）", "community", []string{"社区", "村", "村居", "社区/村", "村级", "village"}},
}

func choose(list []word, s string) (string, bool) {
	v := plain(s)
	for _, w := range list {
		if v == plain(w.key) || v == plain(w.zh) || v == w.en || slices.ContainsFunc(w.also, func(a string) bool { return plain(a) == v }) {
			return w.key, true
		}
	}
	return "", false
}

func wordOf(list []word, key, lang string) string {
	for _, w := range list {
		if w.key == key {
			if lang == "en" {
				return w.en
			}
			return w.zh
		}
	}
	return key
}

func labels(list []word, lang string) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = wordOf(list, w.key, lang)
	}
	return out
}

func (c *column) words() []word {
	switch c.form {
	case aClass:
		return classWords
	case aYes:
		if c.key == Part {
			return partWords
		}
		return yesWords
	case aLevel:
		return levelWords
	case anArea:
		return areaWords
	case aState:
		return stateWords
	case aSort:
		return sortWords
	case aCondition:
		return conditionWords
	}
	return nil
}

func listed(words []string, lang string) string {
	return strings.Join(words, comma(lang))
}

// quoted lists what a sentence has in quotes: each of several has its own.
func quoted(words []string, lang string) string {
	return strings.Join(words, "”"+comma(lang)+"“")
}

func comma(lang string) string {
	if lang == "en" {
		return ", "
	}
	return "、"
}
