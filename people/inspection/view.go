package inspection

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Member is one of a team.
type Member struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Signed  *time.Time `json:"signed,omitempty" doc:"When they signed the answers as they stand"`
}

// Where says where a compound is.
type Where struct {
	Name       string   `json:"name"`
	Community  string   `json:"community"`
	Street     string   `json:"street"`
	County     place.ID `json:"county"`
	CountyName string   `json:"county_name"`
}

// Entry is an inspection on a list.
type Entry struct {
	ID        ID        `json:"id"`
	Version   int64     `json:"version"`
	Compound  place.ID  `json:"compound"`
	Where     Where     `json:"where"`
	Form      FormID    `json:"form"`
	Number    int       `json:"form_number"`
	Title     Words     `json:"title" doc:"Of the form"`
	Of        ID        `json:"of,omitempty"`
	City      bool      `json:"by_city,omitempty" doc:"Planned for the city's office: that office alone plans it anew, cancels it, puts its mendings off"`
	OwnerOpen bool      `json:"owner_open,omitempty" doc:"It is not known whether it was planned for the city's office or for a county's: it is older than the note of that. Whoever could have planned it acts on it"`
	State     State     `json:"state" enum:"planned,finished,cancelled"`
	Day       place.Day `json:"day"`
	Team      []Member  `json:"team"`
	Mine      bool      `json:"mine" doc:"The caller is one of the team"`
	Overdue   bool      `json:"overdue" doc:"Planned for a day that has passed"`
	Result    Result    `json:"result,omitempty" enum:"pass,mend,fail"`
	Score     *Points   `json:"score,omitempty"`
	Open      int       `json:"open" doc:"Things still to be mended"`
	Reported  int       `json:"reported" doc:"Of these: reported mended, waiting for the team"`
	Late      int       `json:"late" doc:"Of these: later than their last day"`
	NextDue   place.Day `json:"next_due,omitempty" doc:"The next last day of what is to be mended"`
}

// Lack is something that is to be done before anybody can sign.
type Lack struct {
	Item string `json:"item"`
	Code string `json:"code"`
	Says string `json:"says"`
}

// View is an inspection with all that belongs to it.
type View struct {
	Entry
	Steps    []Step      `json:"steps"`
	Answers  []Settled   `json:"answers" doc:"Where the items stand that were answered, in the form's order"`
	Photos   []PhotoInfo `json:"photos"`
	Digest   string      `json:"digest" doc:"Of the answers as they stand; it is what a signature is for"`
	Lacking  []Lack      `json:"lacking" doc:"Before anybody can sign"`
	SoFar    Outcome     `json:"so_far" doc:"What it would come to with the answers as they stand; once it is finished, what it came to"`
	Mendings []Mending   `json:"mendings"`
	Rechecks []ID        `json:"rechecks" doc:"Inspections that re-check this one"`
}

// Filter says which inspections a list has.
type Filter struct {
	Show      func(place.ID) bool // which compounds may be shown; nil: all
	Compound  place.ID
	County    place.ID
	State     State
	Result    Result
	Mine      string // only of this account's teams
	Outstands bool   // only with something to be mended, or planned for a day that has passed
}

// Counts are how many inspections of a list there are of each kind.
type Counts struct {
	Planned   int `json:"planned"`
	Overdue   int `json:"overdue" doc:"Of planned: for a day that has passed"`
	Pass      int `json:"pass"`
	Mend      int `json:"mend"`
	Fail      int `json:"fail"`
	Cancelled int `json:"cancelled"`
	Mine      int `json:"mine" doc:"Of all of these: of the caller's teams"`
	Open      int `json:"open" doc:"Things still to be mended"`
	Late      int `json:"late" doc:"Of these: later than their last day"`
}

func (n *Counts) add(e *Entry) {
	switch {
	case e.State == Planned:
		n.Planned++
		if e.Overdue {
			n.Overdue++
		}
	case e.State == Cancelled:
		n.Cancelled++
	case e.Result == Passed:
		n.Pass++
	case e.Result == ToBeMended:
		n.Mend++
	default:
		n.Fail++
	}
	if e.Mine {
		n.Mine++
	}
	n.Open += e.Open
	n.Late += e.Late
}

// reading is what a list of inspections needs besides their rows.
type reading struct {
	s     *Service
	q     place.AsOf
	tree  *place.Tree
	forms map[FormID]map[int]Words
	names called
	me    string
}

func (s *Service) reading(ctx context.Context, q place.AsOf, me string) (*reading, error) {
	r := &reading{s: s, q: q, forms: map[FormID]map[int]Words{}, me: me}
	var err error
	if r.names, err = s.names(ctx); err != nil {
		return nil, err
	}
	if r.tree, err = s.o.Places.Tree(ctx); err != nil {
		return nil, err
	}
	forms, err := s.PublishedForms(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range forms {
		if r.forms[f.ID] == nil {
			r.forms[f.ID] = map[int]Words{}
		}
		r.forms[f.ID][f.Number] = f.Title
	}
	return r, nil
}

// where is where a compound was on the day asked about, else on another day.
func (r *reading) where(id place.ID, day place.Day) (w Where) {
	for _, q := range []place.AsOf{r.q, {Day: day, Known: r.q.Known}, r.s.today()} {
		for _, v := range r.tree.Path(q, id) {
			switch v.Level {
			case place.County:
				w.County, w.CountyName = v.Place, v.Name
			case place.Street:
				w.Street = v.Name
			case place.Community:
				w.Community = v.Name
			case place.Compound:
				w.Name = v.Name
			}
		}
		if w.Name != "" {
			break
		}
	}
	return w
}

func (r *reading) entry(x *Inspection, list []Mending, digest string) Entry {
	e := Entry{
		ID: x.ID, Version: x.Version, Compound: x.Compound, Where: r.where(x.Compound, x.Day), Form: x.Form, Number: x.Number, Title: r.forms[x.Form][x.Number], Of: x.Of, City: x.City, OwnerOpen: x.OwnerOpen,
		State: x.State, Day: x.Day, Team: []Member{}, Mine: slices.Contains(x.Team, r.me), Overdue: x.State == Planned && x.Day < r.q.Day,
	}
	for _, a := range x.Team {
		m := Member{Account: a, Name: r.names.name(a)}
		for _, s := range x.Steps {
			if s.Act == Sign && s.By == a && s.Digest == digest && digest != "" {
				at := s.Known
				m.Signed = &at
			}
			if s.Act == Replan {
				m.Signed = nil
			}
		}
		e.Team = append(e.Team, m)
	}
	if x.Outcome != nil {
		e.Result, e.Score = x.Outcome.Result, &x.Outcome.Score
	}
	for _, m := range list {
		if m.State == Accepted {
			continue
		}
		e.Open++
		if m.State == Reported {
			e.Reported++
		}
		if m.Late {
			e.Late++
		}
		if m.State == Open && (e.NextDue == 0 || m.Due < e.NextDue) {
			e.NextDue = m.Due
		}
	}
	return e
}

// at turns rows into how they stood for a question.
func (r *reading) at(all []Inspection, asked map[ID][]Mending) ([]Inspection, map[ID][]Mending) {
	out := make([]Inspection, 0, len(all))
	mends := map[ID][]Mending{}
	for _, x := range all {
		if x, ok := x.At(r.q); ok {
			out = append(out, x)
		}
	}
	for id, list := range asked {
		for _, m := range list {
			if m, ok := m.At(r.s.o.Clock, r.q); ok {
				mends[id] = append(mends[id], m)
			}
		}
	}
	return out, mends
}

// List lists inspections as of a day: what is planned first, the next one
// first, then what is over, the newest first.
func (s *Service) List(ctx context.Context, q place.AsOf, me string, f Filter) ([]Entry, Counts, error) {
	sel := s.db.NewSelect()
	if f.Compound != "" {
		sel = sel.Where("compound = ?", f.Compound)
	}
	all, err := s.read(ctx, sel)
	if err != nil {
		return nil, Counts{}, err
	}
	all = slices.DeleteFunc(all, func(x Inspection) bool { return f.Show != nil && !f.Show(x.Compound) })
	asked, err := s.mendingsOf(ctx, all, f.Compound)
	if err != nil {
		return nil, Counts{}, err
	}
	r, err := s.reading(ctx, q, me)
	if err != nil {
		return nil, Counts{}, err
	}
	all, asked = r.at(all, asked)
	out, counts := []Entry{}, Counts{}
	for i := range all {
		x := &all[i]
		if f.Mine != "" && !slices.Contains(x.Team, f.Mine) {
			continue
		}
		e := r.entry(x, asked[x.ID], "")
		if f.County != "" && e.Where.County != f.County {
			continue
		}
		counts.add(&e)
		if f.State != "" && e.State != f.State || f.Result != "" && e.Result != f.Result || f.Outstands && e.Open == 0 && !e.Overdue {
			continue
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Entry) int {
		if p := a.State == Planned; p != (b.State == Planned) {
			if p {
				return -1
			}
			return 1
		} else if p {
			return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Where.Name, b.Where.Name), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.Where.Name, b.Where.Name), cmp.Compare(a.ID, b.ID))
	})
	return out, counts, nil
}

// View is one inspection as it stood for a question. say puts a code into words.
func (s *Service) View(ctx context.Context, q place.AsOf, me string, id ID, say func(code string, args map[string]any) string) (v View, f Form, err error) {
	now, err := s.one(ctx, id)
	if err != nil {
		return v, f, err
	}
	x, ok := now.At(q)
	if !ok {
		return v, f, fault.New(fault.NotFound, "inspection.View", "inspection.none")
	}
	if f, err = s.Form(ctx, x.Form, x.Number); err != nil {
		return v, f, err
	}
	sent, err := s.answers(ctx, id)
	if err != nil {
		return v, f, err
	}
	sent = slices.DeleteFunc(sent, func(a Answer) bool { return a.Known.After(q.Known) })
	asked, err := s.mendings(ctx, id)
	if err != nil {
		return v, f, err
	}
	r, err := s.reading(ctx, q, me)
	if err != nil {
		return v, f, err
	}
	_, asked = r.at(nil, asked)
	settled := Settle(sent)
	v.Digest = Digest(settled)
	v.Entry = r.entry(&x, asked[id], v.Digest)
	v.Steps, v.Mendings = slices.Clone(x.Steps), asked[id]
	order := f.order()
	slices.SortFunc(v.Mendings, func(a, b Mending) int { return cmp.Compare(order[a.Item], order[b.Item]) })
	for i := range v.Steps {
		v.Steps[i].Name = r.names.name(v.Steps[i].By)
	}
	turned(v.Steps, r.names.name)
	for i := range v.Mendings {
		v.Mendings[i].Steps = slices.Clone(v.Mendings[i].Steps)
		for j := range v.Mendings[i].Steps {
			v.Mendings[i].Steps[j].Name = r.names.name(v.Mendings[i].Steps[j].By)
		}
	}
	photos, err := s.photos(ctx, id)
	if err != nil {
		return v, f, err
	}
	here := map[string]bool{}
	for i := range photos {
		if at := photos[i].KnownUS; at <= q.Known.UnixMicro() {
			v.Photos, here[photos[i].ID] = append(v.Photos, photos[i].info()), true
		}
	}
	for i := range f.Sections {
		for j := range f.Sections[i].Items {
			if st, ok := settled[f.Sections[i].Items[j].Name]; ok {
				v.Answers = append(v.Answers, st)
			}
		}
	}
	if v.SoFar = f.Score(settled); x.Outcome != nil {
		v.SoFar = *x.Outcome
	}
	if x.State == Planned {
		for _, p := range f.Lacking(settled, func(ph string) bool { return here[ph] }) {
			v.Lacking = append(v.Lacking, Lack{p.Path, p.Code, say(p.Code, p.Args)})
		}
	}
	again, err := s.read(ctx, s.db.NewSelect().Where("recheck_of = ?", id))
	for _, y := range again {
		if _, ok := y.At(q); ok {
			v.Rechecks = append(v.Rechecks, y.ID)
		}
	}
	return v, f, err
}
