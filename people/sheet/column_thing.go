package sheet

import (
	"slices"

	"linli.dev/linli/people/place"
)

// The keys of columns about what a compound has: channels, areas, protection by its sort.
const (
	Channel   Key = "channel"
	Area      Key = "area"
	AreaKind  Key = "area-kind"
	InState   Key = "state"
	Sort      Key = "sort"
	Number    Key = "number"
	Condition Key = "condition"
	LastCheck Key = "checked"
	Until     Key = "until"
)

var areaWords = []word{
	{string(place.Gate), "大门", "gate", []string{"小区大门", "门口", "出入口", "小区出入口", "大门口"}},
	{string(place.Road), "道路", "road", []string{"小区道路", "主干道", "主要道路", "通道", "路口"}},
	{string(place.Entrance), "楼栋出入口", "building entrance", []string{"单元门", "单元口", "单元门口", "楼道口", "楼栋口", "楼宇出入口", "entrance"}},
	{string(place.CarPark), "停车场", "car park", []string{"停车区", "车场", "车库", "地下车库", "地下停车场", "parking"}},
	{string(place.Yard), "公共活动区", "yard", []string{"活动区", "广场", "公共区域", "活动场地", "中心广场"}},
}

var stateWords = []word{
	{string(place.Installed), "已安装", "installed", []string{"安装", "已装", "已建", "未联网", "已安装未联网"}},
	{string(place.Networked), "已联网", "networked", []string{"联网", "在网", "已接入", "接入", "已安装已联网"}},
	{string(place.Removed), "已拆除", "removed", []string{"拆除", "已拆", "撤除", "停用"}},
}

var sortWords = []word{
	{"guard", "保安", "guards", []string{"保安员", "保安人数", "保安（人）"}},
	{"volunteer", "平安员", "volunteers", []string{"志愿者", "平安志愿者", "平安员（人）"}},
	{"fence", "围墙", "fences", []string{"围墙围栏", "围栏", "围墙护栏", "围墙（处）"}},
	{"gate", "大门", "gates", []string{"小区大门", "大门（处）"}},
	{"door", "单元门", "doors", []string{"楼宇门", "防盗门", "单元门（樘）"}},
	{"light", "照明", "lights", []string{"路灯", "楼道照明", "楼道灯", "照明灯", "路灯（盏）"}},
	{"fire-lane", "消防通道", "fire lanes", []string{"消防车通道", "消防通道（条）"}},
	{"camera", "摄像机", "cameras", []string{"视频监控", "监控", "摄像头", "探头", "监控探头", "出入口摄像头", "视频监控（路）"}},
	{"alarm", "报警装置", "alarms", []string{"报警", "报警器", "一键报警", "报警装置（套）"}},
	{"intercom", "楼宇对讲", "intercoms", []string{"对讲", "可视对讲", "楼宇对讲（套）"}},
	{"access-control", "门禁", "access control", []string{"门禁系统", "门禁（套）"}},
}

var conditionWords = []word{
	{string(place.Good), "完好", "good", []string{"良好", "正常", "好", "完好可用"}},
	{string(place.Worn), "老化", "worn", []string{"陈旧", "老旧", "破旧", "待修"}},
	{string(place.Broken), "损坏", "broken", []string{"坏", "故障", "破损", "不能用", "已损坏"}},
}

// within are the columns that say in which compound something is.
var within = take(func(c *column) {
	c.need = c.key == Name
	switch c.key {
	case Community:
		c.helpZH, c.helpEN = "所在社区或村；小区名称在全市唯一时可不填", "May be empty where the compound is the only one of its name"
	case Name:
		c.spreads, c.helpZH, c.helpEN = true, "须为已登记的小区", "A compound that is registered"
		c.also = slices.DeleteFunc(slices.Clone(c.also), func(a string) bool { return a == "名称" || a == "name" }) // here it is the thing's
	}
}, County, Street, Community, Name)

func building(zh, en string) []column {
	c := buildingColumns[slices.IndexFunc(buildingColumns, func(c column) bool { return c.key == Building })]
	c.need, c.helpZH, c.helpEN = false, zh, en
	return []column{c}
}

func idOf(zh, en string) []column {
	return take(func(c *column) {
		c.helpZH, c.helpEN = "由导出带出，请勿改动；"+zh, "Comes with an export, leave it alone; "+en
	}, ID)
}

// channelColumns in the order of the template.
var channelColumns = slices.Concat(within,
	[]column{
		{key: Channel, zh: "探头名称", en: "Channel", also: []string{"探头", "监控名称", "摄像头名称", "摄像机名称", "通道名称", "点位名称", "监控点位", "点位", "名称", "channel name", "name"}, need: true, most: 60, width: 22, helpZH: "探头名称，同一小区内不重复", helpEN: "As it is called; no two of a compound the same", example: "东门 1"},
		{key: AreaKind, form: anArea, zh: "区域", en: "Area", also: []string{"区域类型", "区域类别", "所属区域", "所在区域", "监控区域", "安装区域", "area kind"}, need: true, spreads: true, width: 14, helpZH: "看向小区的哪一类区域；已登记的不填则不变", helpEN: "What part of the compound it looks at; empty leaves it alone", example: "大门"},
		{key: InState, form: aState, zh: "状态", en: "State", also: []string{"探头状态", "联网状态", "建设状态", "安装状态"}, width: 12, helpZH: "不填：新探头为已安装，已登记的不变", helpEN: "Empty: a new one is installed, one that is there stays as it is", example: "已安装"},
	},
	take(nil, From),
	idOf("更名以此为准；新探头不填", "by it a channel is renamed; empty for a new one"),
)

// areaColumns in the order of the template.
var areaColumns = slices.Concat(within,
	[]column{
		{key: Area, zh: "区域名称", en: "Area", also: []string{"部位", "部位名称", "名称", "area name", "name"}, need: true, most: 60, width: 20, helpZH: "区域名称，如“东门”", helpEN: "As it is called, such as “East gate”", example: "东门"},
		{key: AreaKind, form: anArea, zh: "区域类型", en: "Kind", also: []string{"区域类别", "类型", "类别", "种类", "区域种类", "area kind"}, need: true, spreads: true, width: 14, helpZH: "新区域必填，登记后不再变更", helpEN: "Needed for a new area; it stays what it is", example: "大门"},
	},
	building("仅楼栋出入口填写，须为已登记的楼栋", "Of an entrance: whose; a building that is registered"),
	take(func(c *column) {
		c.zh, c.also = "启用日期", append(slices.Clone(c.also), "统计日期", "起", "起始日期", "启用", "开始日期")
		c.helpZH, c.helpEN = "自哪一天起有这一区域；不填为所选日期", "The day from which it is there; the chosen day when empty"
	}, From),
	[]column{{key: Until, form: aDay, zh: "停用日期", en: "Until", also: []string{"止", "停用", "结束日期", "撤销日期", "至"}, width: 14, helpZH: "自哪一天起不再存在；不填则不变，填“清空”则撤回", helpEN: "The first day without it; empty leaves it alone, \"clear\" takes it back", example: ""}},
	idOf("更名以此为准；新区域不填", "by it an area is renamed; empty for a new one"),
)

// assetColumns in the order of the template.
var assetColumns = slices.Concat(within,
	building("不填为小区整体；人员不分楼栋", "Empty: the compound as a whole; people are not counted by building"),
	[]column{
		{key: Sort, form: aSort, zh: "设施", en: "Sort", also: []string{"防护设施", "设施名称", "设施类别", "设施种类", "设施类型", "类别", "种类", "项目", "名称", "name"}, need: true, width: 14, helpZH: "人防、物防、技防的种类，从下拉列表选择", helpEN: "Choose from the list", example: "照明"},
		{key: Number, form: aNumber, zh: "数量", en: "Number", also: []string{"个数", "现有数量", "数量（个）", "设施数量", "quantity", "count"}, width: 10, helpZH: "整数；不填则不变，填“清空”则撤回", helpEN: "A whole number; empty leaves it alone, \"clear\" takes it back", example: "6"},
		{key: Condition, form: aCondition, zh: "状况", en: "Condition", also: []string{"状态", "设施状况", "设施状态", "完好情况", "完好状况"}, width: 12, helpZH: "不填则不变，填“清空”则撤回；人员不填", helpEN: "Empty leaves it alone, \"clear\" takes it back; not of people", example: "完好"},
		{key: LastCheck, form: aDay, zh: "最近检查日期", en: "Last check", also: []string{"检查日期", "最近检查", "上次检查日期", "最近一次检查", "检查时间", "checked"}, width: 14, helpZH: "不晚于统计日期；不填则不变，填“清空”则撤回", helpEN: "No later than From; empty leaves it alone, \"clear\" takes it back", example: "2017-09-20"},
	},
	take(nil, From),
)
