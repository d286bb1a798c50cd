package sheet

import (
	"slices"

	"linli.dev/linli/people/place"
)

// List is what a list is of.
type List string

// The kinds of list.
const (
	Compounds List = "compounds"
	Divisions List = "divisions"
	Buildings List = "buildings"
	Channels  List = "channels"
	Areas     List = "areas"
	Assets    List = "assets"
)

// Lists in the order in which they are offered.
var Lists = []List{Compounds, Divisions, Buildings, Channels, Areas, Assets}

// listing is a kind of list: its columns, and what people call it.
type listing struct {
	key     List
	columns []column
	at      map[Key]int
	zh, en  string

	name  Key           // the column that a row is pointed at by
	calls []Key         // what a row names, one in the other; of a division the last of them that is filled
	needs []Key         // what every row has: one without it may be a sum or a signature
	inner bool          // a row names the compound that it speaks of, which is there
	keep  bool          // it says what a compound has, so whoever keeps one may send it
	thing func() things // what its rows speak of, where that is no place; nil: they speak of places
}

func newListing(ls listing) *listing {
	ls.at = map[Key]int{}
	for i := range ls.columns {
		ls.at[ls.columns[i].key] = i
	}
	return &ls
}

var listings = map[List]*listing{
	Compounds: newListing(listing{key: Compounds, zh: "小区", en: "Compounds", columns: compoundColumns, name: Name, calls: []Key{Name}, needs: []Key{Name, Community}}),
	Divisions: newListing(listing{key: Divisions, zh: "区划", en: "Divisions", columns: divisionColumns, name: County}),
	Buildings: newListing(listing{key: Buildings, zh: "楼栋", en: "Buildings", columns: buildingColumns, name: Building, calls: []Key{Name, Building}, needs: []Key{Name, Building}, inner: true}),
	Channels: newListing(listing{
		key: Channels, zh: "探头", en: "Channels", columns: channelColumns, name: Channel, calls: []Key{Name, Channel}, needs: []Key{Name, Channel}, inner: true, keep: true,
		thing: func() things { return &channels{} },
	}),
	Areas: newListing(listing{
		key: Areas, zh: "区域", en: "Areas", columns: areaColumns, name: Area, calls: []Key{Name, Building, Area}, needs: []Key{Name, Area}, inner: true, keep: true,
		thing: func() things { return &areas{} },
	}),
	Assets: newListing(listing{
		key: Assets, zh: "防护设施", en: "Protection", columns: assetColumns, name: Sort, calls: []Key{Name, Building, Sort}, needs: []Key{Name, Sort}, inner: true, keep: true,
		thing: func() things { return &assets{} },
	}),
}

// listingOf is the kind of list of that name; compounds when none is said, nil for no kind.
func listingOf(l List) *listing {
	if l == "" {
		l = Compounds
	}
	return listings[l]
}

func (ls *listing) column(k Key) *column {
	if i, ok := ls.at[k]; ok {
		return &ls.columns[i]
	}
	return &column{key: k, zh: string(k), en: string(k)}
}

// knows reports whether a column may be given this meaning.
func (ls *listing) knows(k Key) bool {
	_, ok := ls.at[k]
	return ok
}

// nameOf is the column with the name of a place of a level, when the list is of such.
func (ls *listing) nameOf(l place.Level) Key {
	switch {
	case ls.key == Divisions:
		return Key(l)
	case ls.key == Buildings && l == place.Building:
		return Building
	case ls.key == Compounds && l == place.Compound:
		return Name
	}
	return ""
}

// called is the place or the thing that a row names, as it names it.
func (ls *listing) called(l *line) string {
	if ls.key == Divisions {
		for _, k := range []Key{Community, Street, County} {
			if v := l.value(k); v != "" {
				return v
			}
		}
		return ""
	}
	name := ""
	for _, k := range ls.calls {
		name += l.value(k)
	}
	return name
}

// bare reports whether a row lacks what every row of the list has: it may be a sum or a signature.
func (ls *listing) bare(l *line) bool {
	if ls.key == Divisions {
		return true // no county is called by such a word
	}
	return slices.ContainsFunc(ls.needs, func(k Key) bool { return l.value(k) == "" })
}

// remembered is under what a sender's word about a heading is kept: one heading may mean another thing in another list.
func (ls *listing) remembered(heading string) string {
	if ls.key == Compounds {
		return heading
	}
	return string(ls.key) + ":" + heading // a plain heading has no colon
}

// take picks columns of the list of compounds, which other lists have too.
func take(change func(*column), keys ...Key) []column {
	var out []column
	for _, k := range keys {
		c := compoundColumns[slices.IndexFunc(compoundColumns, func(c column) bool { return c.key == k })]
		if change != nil {
			change(&c)
		}
		out = append(out, c)
	}
	return out
}

// divisionColumns in the order of the template. The last name of a row is the division, those before it are what is above.
var divisionColumns = slices.Concat(
	take(func(c *column) {
		c.most = 60
		c.need = c.key == County
		switch c.key {
		case County:
			c.helpZH, c.helpEN = "县区名称。只填到县区的行，登记县区本身", "Name of the county. A row with nothing after it is the county itself"
		case Street:
			c.helpZH, c.helpEN = "街道或乡镇全称。只填到这一列的行，登记街道（乡镇）", "Full name. A row with nothing after it is the street or town itself"
		case Community:
			c.helpZH, c.helpEN = "社区或村全称", "Full name"
		}
	}, County, Street, Community),
	[]column{
		{key: Level, form: aLevel, zh: "级别", en: "Level", also: []string{"层级", "区划级别", "类型", "level"}, width: 16, helpZH: "可不填；填写时用于核对本行填到哪一级", helpEN: "May be empty; where it stands the row is checked against it", example: "社区（村）"},
		{key: Code, zh: "区划代码", en: "Code", also: []string{"编码", "代码", "行政区划代码", "统计用区划代码", "code"}, most: 20, width: 18, helpZH: "可不填；同级不得重复", helpEN: "May be empty; no two of a level have the same", example: "371302001001"},
		{key: NameEN, zh: "英文名称", en: "Name in English", also: []string{"英文名", "英文", "name_en", "english name"}, most: 80, width: 26, helpZH: "可不填，按拼音规则拼写；填“清空”则撤回", helpEN: "May be empty: it is spelt by rule; \"clear\" takes it back", example: ""},
		{key: City, zh: "市", en: "City", also: []string{"地市", "设区市", "city"}, most: 60, spreads: true, width: 12, helpZH: "只有一个市时可不填", helpEN: "May be empty where there is one city", example: ""},
	},
	take(func(c *column) {
		if c.key == From {
			c.zh, c.also = "设立日期", append(slices.Clone(c.also), "统计日期", "自何日起")
			c.helpZH, c.helpEN = "区划自哪一天起设立，或自哪一天起更名、改属；不填为所选日期", "The day from which it is there, renamed or moved; the chosen day when empty"
		}
		if c.key == ID {
			c.helpZH, c.helpEN = "由导出带出，请勿改动；更名、改属以此为准；新区划不填", "Comes with an export, leave it alone: by it a division is renamed or moved; empty for a new one"
		}
	}, From, ID),
)

// buildingColumns in the order of the template.
var buildingColumns = slices.Concat(
	take(func(c *column) {
		c.need = c.key == Name
		if c.key == Community {
			c.helpZH, c.helpEN = "所在社区或村；小区名称在全市唯一时可不填", "May be empty where the compound is the only one of its name"
		}
		if c.key == Name {
			c.helpZH, c.helpEN = "须为已登记的小区", "A compound that is registered"
		}
	}, County, Street, Community, Name),
	[]column{{key: Building, zh: "楼栋", en: "Building", also: []string{"楼号", "楼栋号", "栋号", "幢号", "楼幢", "楼栋名称", "楼", "building"}, need: true, most: 60, width: 12, helpZH: "楼栋名称，如“1号楼”", helpEN: "As it is called, such as “No. 1”", example: "1号楼"}},
	take(func(c *column) {
		switch c.key { // at a building these are other things than at the compound's gate
		case "camera":
			c.zh, c.also = "出入口摄像头（路）", append(slices.Clone(c.also), "出入口摄像头", "单元口摄像头", "楼栋监控")
		case "light":
			c.zh, c.also = "楼道照明（盏）", append(slices.Clone(c.also), "楼道照明", "楼道灯", "楼栋照明")
		}
	}, "door", "light", "camera", "alarm", "intercom", "access-control", "fire-lane"),
	take(nil, From),
	take(func(c *column) {
		c.helpZH, c.helpEN = "由导出带出，请勿改动；新楼栋不填", "Comes with an export, leave it alone; empty for a new building"
	}, ID),
)
