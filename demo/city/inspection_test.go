package city

import (
	"fmt"
	"slices"
	"testing"

	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestFindingsAreWhatTheyAreMeantToBe(t *testing.T) {
	for i, o := range outcomes() {
		want := inspection.Failed
		switch {
		case i < passing:
			want = inspection.Passed
		case i < mending:
			want = inspection.ToBeMended
		}
		if o.Result != want {
			t.Errorf("finding %d: %s with %v points, want %s", i, o.Result, o.Score, want)
		}
	}
}

// The acceptance of a few compounds, played into a database through the room's rules: it ends as the story in memory does, and
// on the published day the trial round of the drive month is half over.
func TestInspectionsInADatabase(t *testing.T) {
	s := script(t)
	few := map[place.ID]bool{}
	for _, st := range s.Steps {
		switch a := st.act.(type) {
		case begun:
			few[a.compound] = true
		case reported:
			few[a.compound] = true
		case mended:
			few[a.compounds[0]] = len(few) < 9 || few[a.compounds[0]]
		case plans:
			for _, v := range a {
				if v.again && len(few) < 5 {
					few[v.compound] = true
				}
			}
		}
	}
	part := &Script{Seed: s.Seed}
	keep := func(st Step, a act) { part.Steps = append(part.Steps, Step{st.At, a}) }
	none := func(v visit) bool { return !few[v.compound] }
	for _, st := range s.Steps {
		switch a := st.act.(type) {
		case setUp, milestone, publishForm:
			keep(st, a)
		case found:
			if list := slices.DeleteFunc(slices.Clone(a), func(p place.NewPlace) bool {
				return p.Level == place.Building || p.Level == place.Compound && !few[p.ID]
			}); len(list) > 0 {
				keep(st, list)
			}
		case enrol:
			if list := slices.DeleteFunc(slices.Clone(a), func(e programme.Enrolment) bool { return !few[e.Compound] }); len(list) > 0 {
				keep(st, list)
			}
		case plans:
			keep(st, slices.DeleteFunc(slices.Clone(a), none))
		case visits:
			keep(st, slices.DeleteFunc(slices.Clone(a), none))
		case begun, reported:
			keep(st, a)
		case mended:
			a.compounds = slices.DeleteFunc(slices.Clone(a.compounds), func(id place.ID) bool { return !few[id] })
			keep(st, a)
		}
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var hand Hand
		rooms, err := role.OpenCity(ctx, db, hand.Clock())
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Play(ctx, rooms, &hand, place.Clock{}.Begin(1), november+60); err != nil {
			t.Fatal(err)
		}
		clock := hand.Clock()
		memory, _, _ := part.Tell(november + 60)
		book, err := rooms.Programme.Book(ctx)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, day := range []place.Day{published, november - 10, november, november + 12, hand.Clock().Today()} {
			q := clock.AtClose(day)
			for id := range few {
				got, _ := book.Compound(q, id)
				want, _ := memory.Compound(q, id)
				if got.Inspected != want.Inspected || fmt.Sprint(got.Accepted) != fmt.Sprint(want.Accepted) {
					t.Errorf("%s: %s is %s %+v in the database, %s %+v in memory", day, id, got.Inspected, got.Accepted, want.Inspected, want.Accepted)
				}
				seen[got.Inspected]++
			}
			if day == published {
				states := map[inspection.State]int{}
				list, _, err := rooms.Inspection.List(ctx, q, "", inspection.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				begun := 0
				for _, e := range list {
					states[e.State]++
					if digest, err := rooms.Inspection.Digest(ctx, e.ID); err == nil && e.State == inspection.Planned && digest != "" {
						begun++
					}
				}
				if states[inspection.Planned] == 0 || states[inspection.Finished] == 0 || begun == 0 {
					t.Errorf("on the published day: %v, %d begun", states, begun)
				}
			}
		}
		if seen["mend"] == 0 || seen["mended"] == 0 || seen["fail"] == 0 || seen["pass"] == 0 {
			t.Errorf("the few are not of all kinds: %v", seen)
		}
	})
}
