package camera

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"linli.dev/linli/fault"
)

// CellProblem is one bad cell: where, what is wrong, what would be right.
type CellProblem struct {
	Sheet  string         `json:"sheet,omitempty" doc:"Name of the sheet; empty for CSV"`
	Cell   string         `json:"cell,omitempty" doc:"As the spreadsheet calls it, C7"`
	Row    int            `json:"row,omitempty"`
	Column string         `json:"column,omitempty" doc:"Heading of the column"`
	Code   string         `json:"code"`
	Args   map[string]any `json:"-"`
	Says   string         `json:"says" doc:"What is wrong"`
	Is     string         `json:"is,omitempty" doc:"What stands there; never of a secret cell"`
	Right  string         `json:"right,omitempty" doc:"What would be right"`

	column int // index into columns, -1: none
	sheet  int
	at     int // the cell's column in its sheet, -1: none
}

// planned is one row on its way to becoming a camera.
type planned struct {
	sheet  int
	row    int // from 0
	cells  map[string]int
	camera Camera
	device *plannedDevice
	main   string
	sub    string
	snap   string
}

// plannedDevice collects the rows of one host and port.
type plannedDevice struct {
	Device
	secret   Secret
	exists   bool // registered already; the row's secret is not used
	first    int  // row that named it first
	sheet    int
	explicit bool // its kind was said
	counted  bool // its channels were
	rows     []*planned
}

type deviceKey struct {
	host string
	port int
	tls  bool
}

// plan is a list that was read: what it would make, and what is wrong.
type plan struct {
	targets  Targets
	sheets   []sheet
	rows     []*planned
	devices  map[deviceKey]*plannedDevice
	order    []deviceKey
	problems []CellProblem
	warnings []CellProblem
	skipped  []*planned // repeat another row, or are registered already
	lang     string
}

// readPlan checks a whole table by itself; what is registered already is
// compared afterwards.
func readPlan(sheets []sheet, targets Targets, lang string) (*plan, error) {
	const op = "camera.Import"
	p := &plan{targets: targets, sheets: sheets, devices: map[deviceKey]*plannedDevice{}, lang: lang}
	found := false
	for i, sh := range sheets {
		head, at := headings(sh.rows)
		if head < 0 {
			continue
		}
		found = true
		p.readSheet(i, head, at)
	}
	if !found {
		return nil, fault.New(fault.Invalid, op, "camera.import.no-headings")
	}
	if len(p.rows) == 0 && len(p.problems) == 0 {
		return nil, fault.New(fault.Invalid, op, "camera.import.empty")
	}
	if len(p.rows) > MaxImportRows {
		return nil, fault.New(fault.TooLarge, op, "camera.import.too-many-rows", "most", MaxImportRows)
	}
	p.finishDevices()
	p.findTwins()
	return p, nil
}

func (p *plan) at(r *planned, key, code string, args map[string]any) CellProblem {
	c := slices.IndexFunc(columns, func(c column) bool { return c.key == key })
	out := CellProblem{Sheet: p.sheets[r.sheet].name, Row: r.row + 1, Code: code, Args: args, column: c, sheet: r.sheet, at: -1}
	if c >= 0 {
		out.Column = strings.TrimSuffix(columns[c].heading(p.lang), "*")
	}
	if col, ok := r.cells[key]; ok {
		out.Cell, out.at = cellName(col, r.row), col
		if c >= 0 && !columns[c].secret {
			out.Is = clip(p.value(r, key))
		}
	}
	return out
}

func (p *plan) bad(r *planned, key, code string, args ...any) {
	p.problems = append(p.problems, p.at(r, key, code, fault.At("", code, args...).Args))
}

func (p *plan) warn(r *planned, key, code string, args ...any) {
	p.warnings = append(p.warnings, p.at(r, key, code, fault.At("", code, args...).Args))
}

func (p *plan) value(r *planned, key string) string {
	col, ok := r.cells[key]
	if !ok {
		return ""
	}
	cells := p.sheets[r.sheet].rows[r.row]
	if col >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[col])
}

func (p *plan) readSheet(i, head int, at map[int]int) {
	sh := p.sheets[i]
	top := &planned{sheet: i, row: head, cells: map[string]int{}}
	cells := map[string]int{}
	for col := range len(sh.rows[head]) {
		heading := sh.rows[head][col]
		c, known := at[col]
		switch {
		case strings.TrimSpace(heading) == "":
		case !known:
			top.cells["?"] = col
			code := "camera.import.unknown-column"
			report := &p.warnings
			if isPersonHeading(heading) {
				code, report = "camera.import.person-column", &p.problems
			}
			*report = append(*report, CellProblem{Sheet: sh.name, Cell: cellName(col, head), Row: head + 1, Column: clip(heading), Code: code, Args: map[string]any{"column": clip(heading)}, column: -1, sheet: i, at: col})
		default:
			if _, twice := cells[columns[c].key]; twice {
				p.problems = append(p.problems, CellProblem{Sheet: sh.name, Cell: cellName(col, head), Row: head + 1, Column: clip(heading), Code: "camera.import.twice-column", Args: map[string]any{"column": clip(heading)}, column: c, sheet: i, at: col})
				continue
			}
			cells[columns[c].key] = col
		}
	}
	missing := false
	for c, col := range columns {
		if _, ok := cells[col.key]; col.need && !ok {
			missing = true
			name := strings.TrimSuffix(col.heading(p.lang), "*")
			p.problems = append(p.problems, CellProblem{Sheet: sh.name, Row: head + 1, Column: name, Code: "camera.import.missing-column", Args: map[string]any{"column": name}, column: c, sheet: i, at: -1})
		}
	}
	if missing {
		return // every row would say it again
	}
	for row := head + 1; row < len(sh.rows); row++ {
		if !isBlank(sh.rows[row]) {
			p.readRow(&planned{sheet: i, row: row, cells: cells})
			if len(p.rows) > MaxImportRows {
				return
			}
		}
	}
}

func isPersonHeading(h string) bool {
	h = normaliseHeading(h)
	return slices.ContainsFunc(personHeadings, func(w string) bool { return strings.Contains(h, w) })
}

func (p *plan) readRow(r *planned) {
	p.rows = append(p.rows, r)
	choose := func(key string, list []choice, also ...choice) string {
		v := p.value(r, key)
		if v == "" {
			return ""
		}
		if k, ok := pick(append(slices.Clone(list), also...), v); ok {
			return k
		}
		p.bad(r, key, "camera.import.not-a-choice", "is", clip(v))
		return ""
	}
	yes := func(key string) bool {
		v := p.value(r, key)
		if v == "" {
			return false
		}
		k, ok := pick(yesNo, v)
		if !ok {
			p.bad(r, key, "camera.import.not-a-choice", "is", clip(v))
		}
		return k == "yes"
	}
	number := func(key string) int {
		v := p.value(r, key)
		if v == "" {
			return 0
		}
		n, ok := whole(v)
		c := columns[slices.IndexFunc(columns, func(c column) bool { return c.key == key })]
		if !ok {
			p.bad(r, key, "camera.import.not-a-number", "is", clip(v))
			return 0
		}
		if n < c.least || n > c.most {
			p.bad(r, key, "camera.import.out-of-range", "is", clip(v))
			return 0
		}
		return n
	}
	for _, c := range columns {
		if v := p.value(r, c.key); strings.HasPrefix(v, "#") && slices.Contains([]string{"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"}, v) {
			p.bad(r, c.key, "camera.import.formula-error", "is", v)
			return
		}
	}
	before := len(p.problems)
	r.camera = Camera{
		Name: p.value(r, "name"), Area: p.value(r, "area"), AreaKind: AreaKind(choose("area_kind", areaChoices, forbiddenChoices...)),
		Angle: p.value(r, "angle"), Range: p.value(r, "range"), Reason: p.value(r, "reason"), Common: yes("common"),
		FacesUp: yes("faces_up"), LooksAtOutside: yes("looks_at_outside"), Basis: Basis(choose("basis", basisChoices)),
		RetentionMain: number("retention_main_days"), RetentionSub: number("retention_sub_days"),
		SoundReason: p.value(r, "sound_reason"), Sign: p.value(r, "sign"), CallNote: p.value(r, "call_note"),
		DisabledReason: p.value(r, "disabled_reason"), Channel: number("channel"),
	}
	if p.value(r, "common") == "" {
		p.bad(r, "common", "camera.field.required")
	}
	said := map[string]bool{} // a cell that is no choice is not said to be empty as well
	for _, x := range p.problems[before:] {
		if x.column >= 0 {
			said[columns[x.column].key] = true
		}
	}
	r.camera.Disabled = r.camera.DisabledReason != ""
	r.camera.Sound = r.camera.SoundReason != ""
	r.camera.normalise()
	for _, f := range r.camera.check() {
		if !said[f.Path] {
			p.problems = append(p.problems, p.at(r, f.Path, f.Code, f.Args))
		}
	}
	p.readDevice(r, DeviceKind(choose("kind", kindChoices)), choose("transport", transportChoices), number)
}

// readDevice puts the row onto its device and checks its sources.
func (p *plan) readDevice(r *planned, kind DeviceKind, transport string, number func(string) int) {
	d := Device{
		Kind: kind, Name: p.value(r, "device_name"), Host: normaliseHost(p.value(r, "host")), Port: number("port"),
		Transport: transport, OnvifPort: number("onvif_port"), Limit: number("connection_limit"), Channels: number("channels"), CallNote: r.camera.CallNote,
	}
	secret := Secret{p.value(r, "user"), p.value(r, "password")}
	r.main, r.sub, r.snap = p.value(r, "main"), p.value(r, "sub"), p.value(r, "snapshot")
	if r.main == "" {
		p.bad(r, "main", "camera.field.required")
		return
	}
	g, code := parseGiven(r.main)
	if code != "" {
		p.bad(r, "main", code)
		return
	}
	if g.scheme != "" {
		if g.scheme != "rtsp" && g.scheme != "rtsps" {
			p.bad(r, "main", "camera.source.scheme")
			return
		}
		d.TLS = g.scheme == "rtsps"
		if d.Host == "" {
			d.Host = g.host
			if d.Port == 0 {
				d.Port = g.portOr()
			}
		}
		if secret.empty() {
			secret = g.secret
		}
	}
	if d.Host == "" {
		p.bad(r, "host", "camera.field.required")
		return
	}
	explicit := d.Kind != ""
	d.normalise()
	if code := p.targets.refuseHost(d.Host); code != "" {
		key := "host"
		if p.value(r, "host") == "" {
			key = "main"
		}
		p.bad(r, key, code, "host", clip(d.Host))
		return
	}
	for _, s := range []struct {
		key, value string
		schemes    []string
	}{{"main", r.main, rtspSchemes}, {"sub", r.sub, rtspSchemes}, {"snapshot", r.snap, httpSchemes}} {
		if s.value == "" {
			continue
		}
		g, code := parseGiven(s.value)
		if code == "" {
			_, code = g.onDevice(&d, r.camera.Channel, s.schemes...)
		}
		if code == "" && !g.secret.empty() && g.secret != secret {
			code = "camera.source.other-secret"
		}
		if code != "" {
			p.bad(r, s.key, code)
		}
	}
	var pr problems
	secret.check(&pr)
	for _, f := range pr {
		p.problems = append(p.problems, p.at(r, f.Path, f.Code, f.Args))
	}
	key := deviceKey{d.Host, d.Port, d.TLS}
	dev := p.devices[key]
	if dev == nil {
		dev = &plannedDevice{Device: d, secret: secret, first: r.row, sheet: r.sheet, explicit: explicit, counted: p.value(r, "channels") != ""}
		p.devices[key] = dev
		p.order = append(p.order, key)
	} else {
		p.joinDevice(r, dev, d, secret, explicit)
	}
	r.device = dev
	dev.rows = append(dev.rows, r)
}

// joinDevice: rows of one device must not contradict each other; what one
// leaves empty, another may say.
func (p *plan) joinDevice(r *planned, dev *plannedDevice, d Device, secret Secret, explicit bool) {
	differs := func(key string) {
		c := columns[slices.IndexFunc(columns, func(c column) bool { return c.key == key })]
		p.bad(r, key, "camera.import.device-differs", "row", dev.first+1, "column", strings.TrimSuffix(c.heading(p.lang), "*"))
	}
	if explicit {
		if dev.explicit && dev.Kind != d.Kind {
			differs("kind")
		}
		dev.Kind, dev.explicit = d.Kind, true
	}
	if !secret.empty() {
		if dev.secret.empty() {
			dev.secret = secret
		} else if dev.secret != secret {
			differs("password")
		}
	}
	if p.value(r, "transport") != "" && d.Transport != dev.Transport {
		if dev.Transport != "auto" {
			differs("transport")
		}
		dev.Transport = d.Transport
	}
	dev.Limit, dev.OnvifPort = max(dev.Limit, d.Limit), max(dev.OnvifPort, d.OnvifPort)
	if p.value(r, "channels") != "" {
		dev.Channels, dev.counted = max(dev.Channels, d.Channels), true
	}
	if dev.Name == dev.Host && p.value(r, "device_name") != "" {
		dev.Name = d.Name
	}
}

// finishDevices: several rows on one host are a recorder, unless they say
// otherwise; it has at least the channels that are used.
func (p *plan) finishDevices() {
	for _, k := range p.order {
		d := p.devices[k]
		if len(d.rows) > 1 && !d.explicit {
			d.Kind = KindRecorder
		}
		most := 1
		for _, r := range d.rows {
			most = max(most, r.camera.Channel)
		}
		if d.Kind == KindCamera && most > 1 {
			d.Kind = KindRecorder
		}
		if d.Kind == KindRecorder && !d.counted {
			d.Channels = max(d.Channels, 16) // what recorders usually have; it can be edited
		}
		d.Channels = max(d.Channels, most)
		if d.Name == d.Host && len(d.rows) == 1 && d.Kind == KindCamera {
			d.Name = d.rows[0].camera.Name
		}
		if p.value(d.rows[0], "device_name") == "" {
			continue // its name is the camera's or the host's, and that has been looked at
		}
		var pr problems
		pr.text("device_name", d.Name, maxName, true, false)
		for _, f := range pr {
			p.problems = append(p.problems, p.at(d.rows[0], f.Path, f.Code, f.Args))
		}
	}
}

// twin is what makes two rows the same camera.
func twin(d *Device, channel int, main string) string {
	g, _ := parseGiven(main)
	a, _ := g.onDevice(d, channel, rtspSchemes...)
	return fmt.Sprintf("%s\x00%d\x00%s", d.Host, channel, a.url(d, "rtsp"))
}

// findTwins leaves out rows that repeat another, with a warning, and warns of
// names that occur twice.
func (p *plan) findTwins() {
	seen, names := map[string]int{}, map[string]int{}
	var keep []*planned
	for _, r := range p.rows {
		if r.device != nil {
			key := twin(&r.device.Device, r.camera.Channel, r.main)
			if first, ok := seen[key]; ok {
				p.warn(r, "main", "camera.import.same-row", "row", first+1)
				p.skipped = append(p.skipped, r)
				continue
			}
			seen[key] = r.row
		}
		if _, ok := names[r.camera.Name]; ok && r.camera.Name != "" {
			p.warn(r, "name", "camera.warn.same-name", "name", r.camera.Name)
		}
		names[r.camera.Name] = r.row
		keep = append(keep, r)
	}
	p.rows = keep
}

// inOrder puts problems as one reads the sheet: by row, then by column.
func inOrder(list []CellProblem) {
	slices.SortStableFunc(list, func(a, b CellProblem) int {
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.Row, b.Row), cmp.Compare(a.at, b.at))
	})
}

// partRows counts the rows: good ones would be cameras; one with a problem is
// faulty, even where it repeats another; the rest is skipped.
func (p *plan) partRows() (good []*planned, faulty, skipped int) {
	type place struct{ sheet, row int }
	bad := map[place]bool{}
	for _, c := range p.problems {
		bad[place{c.sheet, c.Row}] = true
	}
	for _, r := range p.rows {
		if bad[place{r.sheet, r.row + 1}] {
			faulty++
		} else {
			good = append(good, r)
		}
	}
	for _, r := range p.skipped {
		if bad[place{r.sheet, r.row + 1}] {
			faulty++
		} else {
			skipped++
		}
	}
	return good, faulty, skipped
}

// right says what would be right in a cell.
func (c CellProblem) right(lang string) (code string, args map[string]any) {
	switch {
	case strings.HasPrefix(c.Code, "camera.forbidden."):
		return "camera.right.elsewhere", nil
	case strings.HasPrefix(c.Code, "camera.confirm."):
		return "camera.right.outside", nil
	case c.Code == "camera.import.missing-column", c.Code == "camera.import.twice-column":
		return "camera.right.template", nil
	case c.Code == "camera.field.identity-number", c.Code == "camera.field.phone-number", c.Code == "camera.import.person-column":
		return "camera.right.none", nil
	case c.column < 0, c.Code == "camera.import.same-row", c.Code == "camera.import.same-camera":
		return "", nil
	}
	col := columns[c.column]
	switch {
	case col.key == "common" || col.key == "faces_up" || col.key == "looks_at_outside":
		return "camera.right.yes-no", nil
	case len(col.choices) > 0:
		sep := "、"
		if lang == "en" {
			sep = ", "
		}
		return "camera.right.choices", map[string]any{"choices": strings.Join(labels(col.choices, lang), sep)}
	case c.Code == "camera.field.channel": // the device's own bound
		return "camera.right.number", map[string]any{"least": col.least, "most": c.Args["most"]}
	case col.most > 0:
		return "camera.right.number", map[string]any{"least": col.least, "most": col.most}
	case col.key == "host":
		return "camera.right.host", nil
	case col.key == "main" || col.key == "sub" || col.key == "snapshot":
		return "camera.right.path", nil
	case col.key == "name" || col.key == "area" || col.key == "range":
		return "camera.right.text", map[string]any{"most": maxName}
	case col.secret:
		return "", nil
	}
	return "camera.right.text", map[string]any{"most": maxText}
}
