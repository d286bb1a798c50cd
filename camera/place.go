package camera

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Forbidden is a kind of place where no camera may look, whoever agrees.
// The list is red line 4 and article 8 of the State Council's regulation on
// public security video systems (in force since 2025-04-01).
type Forbidden string

const (
	ForbiddenHome      Forbidden = "home"
	ForbiddenDormitory Forbidden = "dormitory"
	ForbiddenHotel     Forbidden = "hotel-room"
	ForbiddenBath      Forbidden = "bath"
	ForbiddenToilet    Forbidden = "toilet"
	ForbiddenChanging  Forbidden = "changing-room"
	ForbiddenNursing   Forbidden = "nursing-room"
)

// verdict says what a word of a forbidden place means where it stands.
type verdict int

const (
	passed  verdict = iota
	ask             // names the place, but speaks of its outside: a person confirms it
	refused         // in it, or an angle into it
)

// placeHit is one word that names a forbidden place.
type placeHit struct {
	Field   string // JSON name of the field
	Kind    Forbidden
	Word    string // as found, normalised
	Verdict verdict
}

// placeText is one field of a registration that says where a camera is or
// what it sees.
type placeText struct{ Field, Text string }

// checkPlaces reads the words of a registration. A word that stands for a
// forbidden room is refused unless the text itself speaks of its outside
// ("更衣室外走廊"); then a person must confirm it, because the same words are
// used by those who mean well and by those who do not.
func checkPlaces(texts ...placeText) []placeHit {
	var hits []placeHit
	for _, t := range texts {
		s := normalisePlace(t.Text)
		for _, safe := range innocent {
			// Blanks keep the neighbours of the phrase apart.
			s = safe.ReplaceAllStringFunc(s, func(m string) string {
				return strings.Repeat("□", len([]rune(m)))
			})
		}
		for _, w := range placeWords {
			for _, at := range w.re.FindAllStringIndex(s, -1) {
				v := w.judge(s, at[0], at[1])
				if v == passed {
					continue
				}
				hits = append(hits, placeHit{Field: t.Field, Kind: w.kind, Word: strings.TrimSpace(s[at[0]:at[1]]), Verdict: v})
			}
		}
	}
	return hits
}

// splitHits separates hits into those that refuse and those that ask.
func splitHits(hits []placeHit) (refusals, questions []placeHit) {
	for _, h := range hits {
		if h.Verdict == refused {
			refusals = append(refusals, h)
		} else {
			questions = append(questions, h)
		}
	}
	return refusals, questions
}

// simplified maps the traditional characters that occur in the words below.
var simplified = strings.NewReplacer(
	"衛", "卫", "間", "间", "廁", "厕", "臥", "卧", "廳", "厅", "陽", "阳", "臺", "台", "嬰", "婴",
	"換", "换", "內", "内", "裡", "里", "裏", "里", "門", "门", "對", "对", "戶", "户", "試", "试",
	"妝", "妆", "員", "员", "學", "学", "賓", "宾", "館", "馆", "業", "业", "樓", "楼", "側", "侧",
	"牆", "墙", "關", "关", "圍", "围", "遮擋", "遮挡", "兩", "两", "過", "过", "處", "处", "東", "东",
	"洗滌", "洗涤", "澡間", "澡间", "浴間", "浴间",
)

// normalisePlace folds what people and spreadsheets do to words: full width,
// capitals, traditional characters, blanks between Chinese characters and
// invisible ones.
func normalisePlace(s string) string {
	s = simplified.Replace(strings.ToLower(norm.NFKC.String(s)))
	rs := []rune(s)
	var b strings.Builder
	for i, r := range rs {
		switch {
		case unicode.Is(unicode.Cf, r): // zero-width joiners and marks
			continue
		case r == '·' || r == '_' || r == '*':
			// 卫*生*间: separators that only serve to break a word.
			if i > 0 && i+1 < len(rs) && unicode.Is(unicode.Han, rs[i-1]) && unicode.Is(unicode.Han, rs[i+1]) {
				continue
			}
			b.WriteRune(' ')
		case unicode.IsSpace(r):
			if prev, next := neighbour(rs, i, -1), neighbour(rs, i, 1); unicode.Is(unicode.Han, prev) && unicode.Is(unicode.Han, next) {
				continue
			}
			b.WriteRune(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func neighbour(rs []rune, i, step int) rune {
	for i += step; i >= 0 && i < len(rs); i += step {
		if !unicode.IsSpace(rs[i]) && !unicode.Is(unicode.Cf, rs[i]) {
			return rs[i]
		}
	}
	return 0
}

// placeWord is a family of words for one forbidden place.
type placeWord struct {
	kind Forbidden
	re   *regexp.Regexp
	// near: the word names something at the edge of a private place (a
	// balcony, a flat's door). Alone it asks; only an angle into it refuses.
	near bool
	// latin: judged by the English neighbours.
	latin bool
}

func zh(kind Forbidden, near bool, expr string) placeWord {
	return placeWord{kind: kind, near: near, re: regexp.MustCompile(expr)}
}

func en(kind Forbidden, near bool, expr string) placeWord {
	return placeWord{kind: kind, near: near, latin: true, re: regexp.MustCompile(`(?:^|[^a-z])(?:` + expr + `)(?:$|[^a-z])`)}
}

var placeWords = []placeWord{
	zh(ForbiddenToilet, false, `卫生间|厕所|公厕|洗手间|盥洗室|盥洗间|便池|化妆间|茅房|茅厕|男厕|女厕`),
	zh(ForbiddenBath, false, `浴室|澡堂|澡间|浴间|浴池|淋浴|洗浴|洗澡|桑拿|汗蒸`),
	zh(ForbiddenChanging, false, `更衣室|更衣间|更衣处|更衣区|换衣间|换衣室|试衣间|试衣室`),
	zh(ForbiddenNursing, false, `哺乳室|哺乳间|哺乳区|母婴室|母婴间|育婴室|喂奶`),
	zh(ForbiddenHotel, false, `客房|(?:酒店|宾馆|旅馆|旅店|招待所|民宿|公寓)(?:的)?(?:房间|包间)|包间|包厢`),
	zh(ForbiddenHotel, true, `民宿`),
	zh(ForbiddenDormitory, false, `寝室|宿舍(?:的)?(?:房间|室内|屋内|床)|(?:员工|职工|学生|保安|男生|女生|集体|值班)宿舍`),
	zh(ForbiddenDormitory, true, `宿舍`),
	zh(ForbiddenHome, false, `卧室|客厅|主卧|次卧|(?:住户|业主|居民|住宅|租户|邻居|住家|某户|房间)(?:的)?(?:室内|屋内|户内|家内|家中|家里|家)|家中|家里|户内|屋内`),
	zh(ForbiddenHome, true, `阳台|飘窗|窗户|窗口内|窗内|户门|入户|家门口|(?:住户|业主|居民)(?:的)?(?:门|窗)`),

	en(ForbiddenToilet, false, `toilets?|restrooms?|rest rooms?|washrooms?|bathrooms?|lavator(?:y|ies)|wc|latrines?`),
	en(ForbiddenBath, false, `showers?|shower rooms?|baths?|bathhouses?|saunas?`),
	en(ForbiddenChanging, false, `(?:changing|change|dressing|fitting|locker) ?rooms?`),
	en(ForbiddenNursing, false, `(?:nursing|lactation|breast-?feeding|baby care|mother'?s) ?rooms?`),
	en(ForbiddenHotel, false, `(?:hotel|guest|motel) ?rooms?`),
	en(ForbiddenDormitory, false, `(?:dorm|dormitory) ?(?:rooms?|interiors?)`),
	en(ForbiddenDormitory, true, `dorms?|dormitor(?:y|ies)`),
	en(ForbiddenHome, false, `bed ?rooms?|living ?rooms?|(?:inside|in|into) (?:the |a |an )?(?:flats?|apartments?|homes?|house|residence)`),
	en(ForbiddenHome, true, `balcon(?:y|ies)|windows?|(?:apartment|flat|front) doors?`),
}

// innocent phrases contain a word above and mean something else. They are
// what real compounds are called, so that the check does not cry wolf.
var innocent = []*regexp.Regexp{
	// Old compounds are named after the works whose people lived there.
	regexp.MustCompile(`(?:员工|职工|学生|集体)?宿舍(?:小区|大院|院|区|楼|家园|新村|[东西南北正侧后前大]{1,3}门)`),
	regexp.MustCompile(`入户(?:大堂|门厅|大厅|花园|路|道路)`),
	regexp.MustCompile(`家[中里](?:心|学|路|街|巷|弄|村|庄|桥|河)`),
	regexp.MustCompile(`(?:服务|收费|售票|登记|传达|岗亭|门卫)(?:窗户|窗口)`),
	regexp.MustCompile(`window-?shops?`),
}

// What follows or precedes a Chinese word.
var (
	zhInside  = regexp.MustCompile(`^(?:的)?(?:男|女)?(?:房间|房|门口|大门|门|区域|区|室)?(?:内|里(?:[^弄程巷]|$)|中央|隔间|隔断)`)
	zhOutside = regexp.MustCompile(`外|门口|门前|旁|附近|对面|周边|[东西南北左右前后]侧|[东西南北]面|之间|走廊|过道|通道|楼道|道路|路口|路面|广场|入口|出入口|大门|停车|院`)
	zhNear    = regexp.MustCompile(`(?:靠近|临近|邻近|紧邻|毗邻|远离|通往|通向|途经|经过|去往)[^，。；、,;.]{0,3}$`)
	zhStare   = regexp.MustCompile(`(?:正对|直对|直视|对准|窥)[^，。；、,;.外]{0,10}$`)
	zhNegated = regexp.MustCompile(`(?:不拍|不照|不朝|不对|不含|不包括|不见|看不|拍不|照不|不可见|不覆盖|不涉及|不进入|无法看|无法拍|未拍|避开|避免|遮挡|屏蔽|遮蔽|排除|禁止拍)[^，。；,;.]{0,8}$`)

	enInside  = regexp.MustCompile(`(?:inside|into|interior|within|in)(?: of)?(?: the| a| an)?(?: [a-z']+)? ?$`)
	enInAfter = regexp.MustCompile(`^ ?(?:interior|inside|cubicles?|stalls?|beds?)`)
	enOutside = regexp.MustCompile(`(?:outside|near|beside|opposite|next to|in front of|close to|towards?|leading to|path to|corridor (?:to|by)|away from|past|along|adjacent to|by)(?: of)?(?: the| a| an)?(?: [a-z'0-9]+)? ?$`)
	enOutNext = regexp.MustCompile(`^ ?(?:corridors?|hallways?|entrances?|doors?|doorways?|exterior|outside|facades?|building|block|gate|side|area outside)`)
	enNegated = regexp.MustCompile(`(?:not|no|never|without|excludes?|excluding|masked|avoids?)(?: [a-z']+){0,4} ?$`)
)

// judge reads the neighbours of the word s[from:to].
func (w placeWord) judge(s string, from, to int) verdict {
	before, after := clause(s, from, to)
	if w.latin {
		return w.judgeEnglish(before, after, s[from:to])
	}
	switch {
	case zhNegated.MatchString(before):
		return ask // "不拍摄更衣室内部": says no, a person stands by it
	case zhInside.MatchString(after):
		return refused
	case zhOutside.MatchString(after), zhNear.MatchString(before):
		return ask
	case w.near && !zhStare.MatchString(before):
		return ask
	}
	return refused // the place itself, or "对着…": an angle into it
}

func (w placeWord) judgeEnglish(before, after, word string) verdict {
	// The word's own border characters belong to the neighbours.
	if n := len(word); n > 0 {
		if c := word[n-1]; c < 'a' || c > 'z' {
			after = string(c) + after
		}
		if c := word[0]; c < 'a' || c > 'z' {
			before += string(c)
		}
	}
	before, after = strings.TrimLeft(before, " "), strings.TrimRight(after, " ")
	own := strings.TrimSpace(word)
	inOwn := strings.HasPrefix(own, "in") // "inside homes" carries its own preposition
	switch {
	case enNegated.MatchString(before):
		return ask
	case inOwn, enInAfter.MatchString(after):
		return refused
	case enOutside.MatchString(before), enOutNext.MatchString(after), zhOutside.MatchString(after):
		return ask
	case enInside.MatchString(before), zhInside.MatchString(after):
		return refused
	case w.near:
		return ask
	}
	return refused
}

// clause gives what stands around a word up to the next full stop or comma,
// at most ten characters in Chinese, sixty bytes in all.
func clause(s string, from, to int) (before, after string) {
	stop := func(r rune) bool {
		return strings.ContainsRune("，。；、,;!！?？\n|/", r)
	}
	before, after = s[:from], s[to:]
	if i := strings.LastIndexFunc(before, stop); i >= 0 {
		before = before[i:]
	}
	if i := strings.IndexFunc(after, stop); i >= 0 {
		after = after[:i]
	}
	rb, ra := []rune(before), []rune(after)
	if len(rb) > 40 {
		rb = rb[len(rb)-40:]
	}
	if len(ra) > 10 && unicode.Is(unicode.Han, ra[0]) {
		ra = ra[:10]
	}
	return string(rb), string(ra)
}
