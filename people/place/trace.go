package place

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// Trace is one change of a record: who made it, when it became known, about
// which day, and what was there before and after. Every room of the programme
// tells of its records' changes in this form.
type Trace struct {
	Act   string    `json:"act" doc:"What was done: added, changed, ended …"`
	About Day       `json:"about,omitempty" doc:"The day that it is about; left out where it is about none"`
	Known time.Time `json:"known"`
	By    string    `json:"by,omitempty" doc:"The account; left out: the system"`
	Who   string    `json:"who,omitempty" doc:"What people call the account"`
	Note  string    `json:"note,omitempty" doc:"The reason"`
	Turns []Turn    `json:"turns"`
	// Before and After are what was kept of the record, for a room that tells of it otherwise than field by field.
	Before, After []byte `json:"-"`
}

// Turn is a field that is another one after a change.
type Turn struct {
	Field string `json:"field"`
	Was   string `json:"was,omitempty"`
	Is    string `json:"is,omitempty"`
}

// Kept is a change of a record whose row is overwritten: what it was stays here.
type Kept struct {
	Record        string // the noun and the id: "area:01…"
	Act           string
	About         Day
	Known         time.Time
	By, Note      string
	Before, After any // as the API shows them; nil: it was not there
}

type keptRow struct {
	bun.BaseModel `bun:"table:record_changes"`

	ID      string `bun:"id,pk"`
	Record  string `bun:"record"`
	Act     string `bun:"act"`
	About   Day    `bun:"about"`
	KnownUS int64  `bun:"known_us"`
	By      string `bun:"by_account"`
	Note    string `bun:"note"`
	Before  string `bun:"before_json"`
	After   string `bun:"after_json"`
}

// Keep writes a change down in the transaction that makes it. Any room of the
// programme may call it: places stand under all of them.
func Keep(ctx context.Context, tx *store.Tx, k Kept) error {
	row := keptRow{ID: store.NewID(), Record: k.Record, Act: k.Act, About: k.About, KnownUS: store.Micros(k.Known), By: k.By, Note: k.Note}
	for _, x := range []struct {
		v  any
		to *string
	}{{k.Before, &row.Before}, {k.After, &row.After}} {
		if x.v == nil {
			continue
		}
		raw, err := json.Marshal(x.v)
		if err != nil {
			return err
		}
		*x.to = string(raw)
	}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return err
}

// Traces are the changes that were kept of a record as far as they were known
// at an instant, the newest first.
func (s *Service) Traces(ctx context.Context, known time.Time, record string) ([]Trace, error) {
	rows, err := s.kepts(ctx, record)
	if err != nil {
		return nil, err
	}
	out := []Trace{}
	for _, r := range rows {
		if at := store.Time(r.KnownUS); !at.After(known) {
			was, is := []byte(r.Before), []byte(r.After)
			out = append(out, Trace{Act: r.Act, About: r.About, Known: at, By: r.By, Note: r.Note, Turns: Turns(was, is), Before: was, After: is})
		}
	}
	return s.Told(ctx, out), nil
}

// KeptOf reads the changes that were kept of records, of each the oldest first. Before and After are JSON, json.RawMessage; nil: it
// was not there.
func (s *Service) KeptOf(ctx context.Context, records ...string) (map[string][]Kept, error) {
	out := map[string][]Kept{}
	for part := range slices.Chunk(records, batch) {
		rows, err := s.kepts(ctx, part...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k := Kept{Record: r.Record, Act: r.Act, About: r.About, Known: store.Time(r.KnownUS), By: r.By, Note: r.Note}
			if r.Before != "" {
				k.Before = json.RawMessage(r.Before)
			}
			if r.After != "" {
				k.After = json.RawMessage(r.After)
			}
			out[r.Record] = append(out[r.Record], k)
		}
	}
	return out, nil
}

func (s *Service) kepts(ctx context.Context, records ...string) ([]keptRow, error) {
	var rows []keptRow
	err := s.db.NewSelect().Model(&rows).Where("record IN (?)", bun.List(records)).Order("known_us", "id").Scan(ctx)
	return rows, dbError("place.Traces", err)
}

// Told puts traces in order, the newest first, and names who made them.
func (s *Service) Told(ctx context.Context, list []Trace) []Trace {
	by := make([]string, len(list))
	for i := range list {
		by[i] = list[i].By
	}
	names := s.CalledAll(ctx, by...)
	for i := range list {
		t := &list[i]
		if t.Turns == nil {
			t.Turns = []Turn{}
		}
		t.Who = names[t.By]
	}
	slices.SortStableFunc(list, func(a, b Trace) int { return cmp.Or(b.Known.Compare(a.Known), cmp.Compare(b.About, a.About)) })
	return list
}

// Called is what people call an account.
func (s *Service) Called(ctx context.Context, account string) string {
	return s.CalledAll(ctx, account)[account]
}

// CalledAll is Called of several accounts, which are looked up together.
func (s *Service) CalledAll(ctx context.Context, accounts ...string) map[string]string {
	accounts = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(accounts))), func(a string) bool { return a == "" })
	if s.names != nil && len(accounts) > 0 {
		return s.names(ctx, accounts...)
	}
	out := make(map[string]string, len(accounts))
	for _, a := range accounts {
		out[a] = a
	}
	return out
}

// unsaid are fields that say nothing of what a record is about.
var unsaid = map[string]bool{"id": true, "version": true, "known": true, "by": true, "compound": true, "place_name": true, "may_change": true, "width": true, "height": true}

// Turns compares two records as the API shows them, field by field.
func Turns(before, after []byte) []Turn {
	was, is := fieldsOf(before), fieldsOf(after)
	out := []Turn{}
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, f := range slices.Sorted(maps.Keys(all)) {
		if a, b := was[f], is[f]; a != b && !unsaid[f] {
			out = append(out, Turn{f, a, b})
		}
	}
	return out
}

// TurnsOf is Turns of values.
func TurnsOf(before, after any) []Turn {
	raw := func(v any) []byte {
		if v == nil {
			return nil
		}
		b, _ := json.Marshal(v)
		return b
	}
	return Turns(raw(before), raw(after))
}

func fieldsOf(raw []byte) map[string]string {
	out := map[string]string{}
	var fields map[string]any
	if len(raw) == 0 || json.Unmarshal(raw, &fields) != nil {
		return out
	}
	for k, v := range fields {
		out[k] = shown(v)
	}
	return out
}

// shown writes a value of JSON for reading; what says nothing is "".
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return fmt.Sprint(v)
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprint(int64(v))
		}
		return fmt.Sprint(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = shown(x)
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if s := shown(v[k]); s != "" && !unsaid[k] {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, " · ")
	}
	return fmt.Sprint(v)
}

// areasAt are areas as far as was known at an instant: a name of later is not
// put into the past.
func areasAt(known time.Time, now []Area, kept []keptRow) []Area {
	of := map[AreaID][]keptRow{}
	for _, k := range kept {
		id := AreaID(strings.TrimPrefix(k.Record, areaRecord))
		of[id] = append(of[id], k)
	}
	out := []Area{}
	for _, a := range now {
		then, ok := a, !a.Known.After(known)
		if !ok {
			// The last that was known; where a change is the first that was kept, what it changed was known before.
			for i, k := range of[a.ID] {
				text := k.After
				if store.Time(k.KnownUS).After(known) {
					if text = k.Before; i > 0 || text == "" {
						break
					}
				}
				var old Area
				if json.Unmarshal([]byte(text), &old) != nil || old.Known.After(known) {
					continue
				}
				then, ok = old, true
			}
		}
		if ok {
			out = append(out, then)
		}
	}
	return out
}

const areaRecord = "area:"

// AreasKnown reads the areas of compounds as far as was known at an instant, past ones too.
func (s *Service) AreasKnown(ctx context.Context, known time.Time, compounds ...ID) ([]Area, error) {
	list, err := s.Areas(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	var records []string
	for _, a := range list {
		if a.Known.After(known) { // what was known of it then is kept
			records = append(records, areaRecord+string(a.ID))
		}
	}
	var kept []keptRow
	for part := range slices.Chunk(records, batch) {
		some, err := s.kepts(ctx, part...)
		if err != nil {
			return nil, err
		}
		kept = append(kept, some...)
	}
	return areasAt(known, list, kept), nil
}

// compoundTraces tells what this room knows of a compound's changes: its names and where it lies, its classes, protection, channels
// and areas; as far as the caller may read it (Own).
func (s *Service) compoundTraces(ctx context.Context, q AsOf, id ID) ([]Trace, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := s.Entries(ctx, id)
	if err != nil {
		return nil, err
	}
	counts, err := s.Counts(ctx, id)
	if err != nil {
		return nil, err
	}
	steps, err := s.Steps(ctx, id)
	if err != nil {
		return nil, err
	}
	areas, err := s.Areas(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Trace
	// Of a past day with what was put right since: what is about it, and what was known then already.
	add := func(t Trace) {
		if !t.Known.After(q.Known) && (s.clock.DayOf(t.Known) <= q.Day || t.About != 0 && t.About <= q.Day) {
			out = append(out, t)
		}
	}
	var was Version
	called := func(id ID) string {
		v, _ := tree.At(AsOf{q.Day, q.Known}, id)
		return v.Name
	}
	for _, v := range tree.History(id) {
		t := Trace{Act: "place-" + string(v.Why), About: v.About, Known: v.Known, By: v.By, Note: v.Note}
		for _, f := range []Turn{{"name", was.Name, v.Name}, {"name_en", was.NameEN, v.NameEN}, {"code", was.Code, v.Code}, {"parent", called(was.Parent), called(v.Parent)}} {
			if f.Was != f.Is {
				t.Turns = append(t.Turns, f)
			}
		}
		was = v
		add(t)
	}
	for _, e := range entries {
		act, turn := "class-enters", Turn{Field: "mark", Is: string(e.Mark)}
		if !e.In {
			act, turn = "class-leaves", Turn{Field: "mark", Was: string(e.Mark)}
		}
		turns := []Turn{turn}
		for _, f := range []Turn{{"criteria", "", e.Criteria}, {"evidence", "", e.Evidence}} {
			if f.Is != "" {
				turns = append(turns, f)
			}
		}
		add(Trace{Act: act, About: e.About, Known: e.Known, By: e.By, Turns: turns})
		if e.Void != nil {
			add(Trace{Act: "class-withdrawn", About: e.About, Known: *e.Void, By: e.VoidBy, Note: e.VoidWhy, Turns: []Turn{{Field: "mark", Was: turn.Is, Is: turn.Was}}})
		}
	}
	for i, c := range counts {
		// Before: what held of the same sort and building on that day until then.
		var mine []Count
		for _, o := range counts[:i] {
			if o.Sort == c.Sort && o.Building == c.Building && o.Known.Before(c.Known) {
				mine = append(mine, o)
			}
		}
		was := Count{Number: Unsaid}
		if j := Picks(AsOf{c.About, c.Known}, mine, (*Count).moment); j >= 0 {
			was = mine[j]
		}
		add(Trace{Act: "counted", About: c.About, Known: c.Known, By: c.By, Note: called(c.Building), Turns: c.turns(was)})
	}
	type step struct {
		Moment
		state ChannelState
		by    string
	}
	n := map[step]int{}
	for _, st := range steps {
		n[step{Moment{st.About, st.Known}, st.State, st.By}]++
	}
	for st, k := range n {
		add(Trace{Act: "channels", About: st.About, Known: st.Known, By: st.by, Turns: []Turn{{"channel-state." + string(st.state), "", fmt.Sprint(k)}}})
	}
	channels, err := s.Channels(ctx, id)
	if err != nil {
		return nil, err
	}
	records := make([]string, 0, len(areas)+len(channels))
	for _, a := range areas {
		records = append(records, areaRecord+string(a.ID))
	}
	for _, c := range channels {
		records = append(records, channelRecord+string(c.ID))
	}
	if len(records) > 0 {
		kept, err := s.kepts(ctx, records...)
		if err != nil {
			return nil, err
		}
		for _, k := range kept {
			noun, _, _ := strings.Cut(k.Record, ":")
			add(Trace{Act: noun + "-" + k.Act, About: k.About, Known: store.Time(k.KnownUS), By: k.By, Turns: Turns([]byte(k.Before), []byte(k.After))})
		}
	}
	hideFew(ctx, id, nil, out)
	return s.Told(ctx, out), nil
}

// TracesOutput is the reply of the routes that tell of a record's changes.
type TracesOutput struct {
	Body struct {
		Changes []Trace `json:"changes" doc:"The newest first"`
	}
}

// TracesReply makes the reply.
func TracesReply(list []Trace, err error) (*TracesOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &TracesOutput{}
	out.Body.Changes = append([]Trace{}, list...)
	return out, nil
}

func (s *Service) httpChanges(ctx context.Context, in *struct {
	PlaceInput
	AsOfInput
},
) (*TracesOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	if err := s.rights.May(ctx, MayRead, q, ID(in.ID)); err != nil {
		return nil, err
	}
	return TracesReply(s.compoundTraces(ctx, q, ID(in.ID)))
}
