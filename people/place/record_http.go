package place

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// EditRecord says something of a compound whose record is still the one that
// the caller saw. Otherwise nothing is written, and the fault lists in what the
// record differs from what was seen.
func (s *Service) EditRecord(ctx context.Context, by string, id ID, seen RecordTag, e RecordEdit) error {
	return s.change(ctx, "place.EditRecord", func(ctx context.Context, w *writing) error {
		entries, counts, points, err := w.record(ctx, id, seen)
		if err != nil {
			return err
		}
		return w.editRecord(ctx, by, id, entries, counts, points, e)
	})
}

// CountSeen says how much protection a compound has whose record is still the
// one that the caller saw: of two counts of one day the later holds, so who did
// not see the first must not speak over it. A number that is Unsaid is that of the channels of that day.
func (s *Service) CountSeen(ctx context.Context, by string, id ID, seen RecordTag, list []Count) error {
	return s.change(ctx, "place.Count", func(ctx context.Context, w *writing) error {
		if _, _, _, err := w.record(ctx, id, seen); err != nil {
			return err
		}
		steps, err := w.s.Steps(ctx, id)
		if err != nil {
			return err
		}
		for i := range list {
			var p Problems
			q := AsOf{list[i].About, w.known}
			list[i].takeChannels(q, steps, "number", &p)
			list[i].checkCameras(q, steps, "number", &p)
			if err := p.Fault(w.op, "place.invalid"); err != nil {
				return at(err, i, len(list))
			}
		}
		return w.count(ctx, by, list)
	})
}

// EnterSeen says that a compound whose record is still the one that the caller saw enters or leaves a mark.
func (s *Service) EnterSeen(ctx context.Context, by string, seen RecordTag, e Entry) error {
	return s.change(ctx, "place.Enter", func(ctx context.Context, w *writing) error {
		if _, _, _, err := w.record(ctx, e.Compound, seen); err != nil {
			return err
		}
		return w.enter(ctx, by, []Entry{e})
	})
}

// record reads a compound's record and checks that it is the one that was seen.
func (w *writing) record(ctx context.Context, id ID, seen RecordTag) (entries []Entry, counts []Count, points []Point, err error) {
	versions, err := w.s.versions(ctx, w.tx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(versions) == 0 || versions[0].Level != Compound {
		return nil, nil, nil, fault.New(fault.NotFound, w.op, "place.no-compound")
	}
	if entries, err = w.s.Entries(ctx, id); err != nil {
		return nil, nil, nil, err
	}
	if counts, err = w.s.Counts(ctx, id); err != nil {
		return nil, nil, nil, err
	}
	if points, err = w.s.Points(ctx, id); err != nil {
		return nil, nil, nil, err
	}
	return entries, counts, points, w.sameRecord(seen, versions, entries, counts, points)
}

func (w *writing) sameRecord(seen RecordTag, versions []Version, entries []Entry, counts []Count, points []Point) error {
	is := recordTag(versions, entries, counts, points)
	if seen.Version == 0 {
		return fault.New(fault.Invalid, w.op, "place.version-needed")
	}
	if seen.Version == is.Version && seen.Known.Equal(is.Known) {
		return nil
	}
	err := fault.New(fault.Stale, w.op, "place.record.changed", "by", lastSaid(versions, entries, counts, points), "at", is.Known.In(w.s.clock.zone()).Format("2006-01-02 15:04:05"))
	now := RecordAt(AsOf{w.now.Day, w.known}, versions, entries, counts, points)
	for _, d := range now.Differences(RecordAt(AsOf{w.now.Day, seen.Known}, versions, entries, counts, points)) {
		err.Fields = append(err.Fields, fault.At(d.Field, "place.record.differs", "was", d.Was, "is", d.Is))
	}
	return err
}

func (w *writing) editRecord(ctx context.Context, by string, id ID, entries []Entry, counts []Count, points []Point, e RecordEdit) error {
	if e.From == 0 {
		p := Problems{fault.At("from", "place.field.required")}
		return p.Fault(w.op, "place.invalid")
	}
	if e.Name != nil || e.Code != nil || e.Parent != nil {
		if _, err := w.edit(ctx, by, id, Whatever, Edit{From: e.From, Name: e.Name, Code: e.Code, Parent: e.Parent, Note: e.Note}); err != nil {
			return err
		}
	}
	for s, n := range e.Numbers {
		var p Problems
		if s.Kind() == "" {
			p.Add("numbers", "place.field.sort", "is", clip(string(s)))
		} else if n < 0 || n > maxNumber {
			p.Add("numbers."+string(s), "place.field.number", "most", maxNumber)
		}
		if err := p.Fault(w.op, "place.invalid"); err != nil {
			return err
		}
	}
	if e.Class != nil && !slices.Contains(Classes, *e.Class) {
		p := Problems{fault.At("class", "place.field.mark", "is", clip(string(*e.Class)))}
		return p.Fault(w.op, "place.invalid")
	}
	q := AsOf{e.From, w.known}
	if e.Point != nil {
		*e.Point = LonLat{DegreesOf(e.Point.Lon).Float(), DegreesOf(e.Point.Lat).Float()}
	}
	if e.Point != nil && *e.Point != PointAt(q, points) {
		if err := w.locate(ctx, by, []Point{{Compound: id, LonLat: *e.Point, Moment: Moment{About: e.From}}}); err != nil {
			return err
		}
	}
	if list := Entering(q, id, entries, e.Class, e.Weak, e.Criteria, e.Evidence); len(list) > 0 {
		if err := w.enter(ctx, by, list); err != nil {
			return err
		}
	}
	steps, err := w.s.Steps(ctx, id)
	if err != nil {
		return err
	}
	list := Recounting(q, id, WithChannels(q, q.Day, counts, steps), e.Numbers)
	if len(list) == 0 {
		return nil
	}
	var p Problems
	for i := range list {
		list[i].checkCameras(q, steps, "numbers."+string(list[i].Sort), &p)
	}
	if err := p.Fault(w.op, "place.invalid"); err != nil {
		return err
	}
	return w.count(ctx, by, list)
}

// mayEdit: a compound's manager says how much there is; what it is called, of what class it is and where it lies is for the
// county, and a move for whoever has both communities.
func (s *Service) mayEdit(ctx context.Context, id ID, e RecordEdit) error {
	permission := MayKeep
	if e.Name != nil || e.Code != nil || e.Parent != nil || e.Class != nil || e.Weak != nil {
		permission = MayWrite
	}
	if err := s.rights.MayChange(ctx, permission, id, e.From); err != nil {
		return err
	}
	if e.Class != nil {
		entries, err := s.Entries(ctx, id)
		if err != nil {
			return err
		}
		now := s.rights.now().Known
		if Lightens(now, entries, Entering(AsOf{e.From, now}, id, entries, e.Class, e.Weak, e.Criteria, e.Evidence)) {
			if err := s.rights.MayRelieve(ctx, id, ""); err != nil {
				return err
			}
		}
	}
	if e.Parent == nil {
		return nil
	}
	return s.rights.MayChange(ctx, MayWrite, *e.Parent, e.From)
}

func (s *Service) httpEditRecord(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body RecordEdit
},
) (*compoundOutput, error) {
	seen, err := in.SeenRecord()
	if err != nil {
		return nil, err
	}
	if err := s.mayEdit(ctx, ID(in.ID), in.Body); err != nil {
		return nil, err
	}
	if err := s.EditRecord(ctx, by(ctx), ID(in.ID), seen, in.Body); err != nil {
		return nil, s.inWords(ctx, ID(in.ID), err)
	}
	return s.now(ctx, in.ID)
}

// SetNames plugs in what people call accounts; before anything is served.
func (s *Service) SetNames(names func(ctx context.Context, accounts ...string) map[string]string) {
	s.names = names
}

var classWords = map[Class]string{Demonstration: "place.word.demonstration", Helped: "place.word.helped", Other: "place.word.other"}

// inWords turns the values of what differs of a compound into words of the reader's language.
func (s *Service) inWords(ctx context.Context, id ID, err error) error {
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.Stale {
		return err
	}
	word := func(v any) string {
		switch v := v.(type) {
		case Class:
			return api.Say(ctx, classWords[v])
		case ChannelState:
			return api.Say(ctx, stateWords[v])
		case AreaKind:
			return api.Say(ctx, areaWords[v])
		case bool:
			if v {
				return api.Say(ctx, "place.word.yes")
			}
			return api.Say(ctx, "place.word.no")
		case ID:
			if tree, err := s.Tree(ctx); err == nil {
				if h := tree.History(v); len(h) > 0 {
					return h[len(h)-1].Name
				}
			}
			return string(v)
		case int:
			if v == Unsaid {
				return api.Say(ctx, "place.word.unsaid")
			}
			return strconv.Itoa(v)
		case string:
			return v
		}
		return ""
	}
	if by, ok := f.Args["by"].(string); ok {
		f.Args["by"] = s.Called(ctx, by)
	}
	for i := range f.Fields {
		if sort := Sort(strings.TrimPrefix(f.Fields[i].Path, "numbers.")); sort == volunteers && !Own(ctx, id) {
			for _, k := range []string{"was", "is"} {
				if n, ok := f.Fields[i].Args[k].(int); ok && sort.Few(n) {
					f.Fields[i].Args[k] = api.Say(ctx, "place.word.few")
				}
			}
		}
		f.Fields[i].Args["was"], f.Fields[i].Args["is"] = word(f.Fields[i].Args["was"]), word(f.Fields[i].Args["is"])
	}
	return f
}
