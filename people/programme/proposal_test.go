package programme_test

import (
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store/storetest"
)

// A rule asks less only with a reason and two persons; what asks more counts at once. Days of before keep the rule of then.
func TestARuleIsNotLoosenedByOnePerson(t *testing.T) {
	each(t, func(w *office) {
		due := func(on string) place.Day {
			t.Helper()
			for _, d := range w.state(on, "安泰小区").Duties {
				if d.Milestone == "built" {
					return d.Due
				}
			}
			return 0
		}
		was := programme.Milestone{ID: "built", What: programme.Built, Classes: place.Classes, Due: day("2017-11-30"), Near: 30, Lead: 60}
		put := func(change func(*programme.Milestone), seen int64, reason string) (programme.Milestone, *programme.Proposal, error) {
			m := was
			m.Classes = slices.Clone(was.Classes)
			change(&m)
			return w.Programme.PutMilestone(w.ctx, "chen", seen, m, reason)
		}
		w.on("2017-06-01")
		for name, less := range map[string]func(*programme.Milestone){
			"later":          func(m *programme.Milestone) { m.Due++ },
			"fewer classes":  func(m *programme.Milestone) { m.Classes = m.Classes[:2] },
			"another thing":  func(m *programme.Milestone) { m.What = programme.Networked },
			"shorter notice": func(m *programme.Milestone) { m.Near-- },
			"shorter lead":   func(m *programme.Milestone) { m.Lead-- },
			"ended":          func(m *programme.Milestone) { m.Ended = true },
		} {
			if _, _, err := put(less, 1, " "); err == nil {
				t.Errorf("%s, without a reason", name)
			} else {
				w.refused("programme.proposal.reason", err)
			}
		}
		now, p, err := put(func(m *programme.Milestone) { m.Due = day("2018-03-31") }, 1, "雨季停工")
		w.must(err)
		if now.Version != 1 || p == nil || p.State != programme.Asked || p.Rule.Due != day("2018-03-31") || due("2017-06-01") != day("2017-11-30") {
			t.Fatalf("it counts before anybody published it: %+v %+v", now, p)
		}
		_, _, err = put(func(m *programme.Milestone) { m.Ended = true }, 1, "不再需要")
		w.refused("programme.proposal.open", err)
		_, err = w.Programme.Publish(w.ctx, "chen", p.Version, p.ID, true, "")
		w.refused("programme.proposal.own", err)
		_, err = w.Programme.Publish(w.ctx, "zhao", p.Version+1, p.ID, true, "")
		w.refused("place.changed-meanwhile", err)
		_, err = w.Programme.Publish(w.ctx, "zhao", p.Version, p.ID, false, "")
		w.refused("place.field.required", err)
		_, err = w.Programme.Publish(w.ctx, "zhao", p.Version, p.ID, false, "请先督促施工")
		w.must(err)
		if due("2017-06-01") != day("2017-11-30") {
			t.Error("refused, and changed all the same")
		}

		// Proposed anew, and published two days later: from then on, and not from when it was proposed.
		_, p, err = put(func(m *programme.Milestone) { m.Due = day("2018-02-28") }, 1, "雨季停工")
		w.must(err)
		w.on("2017-06-03")
		_, err = w.Programme.Publish(w.ctx, "zhao", p.Version, p.ID, true, "")
		w.must(err)
		_, err = w.Programme.Publish(w.ctx, "zhao", p.Version+1, p.ID, true, "")
		w.refused("programme.proposal.decided", err)
		for on, want := range map[string]string{"2017-06-01": "2017-11-30", "2017-06-02": "2017-11-30", "2017-06-03": "2018-02-28"} {
			if due(on) != day(want) {
				t.Errorf("on %s it is due %s, want %s", on, due(on), want)
			}
		}
		all, err := w.Programme.Milestones(w.ctx)
		w.must(err)
		last := all[len(all)-1]
		if last.Reason != "雨季停工" || last.Proposer != "chen" || last.By != "zhao" || last.Version != 2 {
			t.Errorf("%+v", last)
		}

		// What asks more counts at once, by one person and without a word; and overtakes a proposal that was made before.
		_, p, err = put(func(m *programme.Milestone) { m.Due, m.Ended = day("2018-02-28"), true }, 2, "不再需要")
		w.must(err)
		now, none, err := put(func(m *programme.Milestone) { m.Due = day("2017-12-31") }, 2, "")
		w.must(err)
		if none != nil || now.Version != 3 || now.Proposer != "" || due("2017-06-03") != day("2017-12-31") {
			t.Errorf("%+v %+v", now, none)
		}
		_, err = w.Programme.Publish(w.ctx, "zhao", p.Version, p.ID, true, "")
		w.refused("programme.proposal.overtaken", err)
		p2, err := w.Programme.Unpropose(w.ctx, "chen", p.Version, p.ID)
		w.must(err)
		if p2.State != programme.Withdrawn {
			t.Errorf("%+v", p2)
		}
	})
}

// How long a connection counts is such a rule, too.
func TestAConnectionCountsLongerByTwoPersons(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-06-01")
		span := func() programme.Programme {
			t.Helper()
			p, err := w.Programme.Programme(w.ctx)
			w.must(err)
			return p
		}
		put := func(days int, name, reason string) (*programme.Proposal, error) {
			p := span()
			p.Span, p.Name = days, name
			return w.Programme.Put(w.ctx, "chen", p.Version, p, reason)
		}
		_, err := put(60, "创建", "")
		w.refused("programme.proposal.reason", err)
		if p := span(); p.Version != 1 {
			t.Errorf("refused, and written all the same: %+v", p)
		}
		prop, err := put(60, "平安家园", "设备检修")
		w.must(err)
		if p := span(); p.Name != "平安家园" || p.Span != 0 || prop == nil || prop.Span != 60 {
			t.Errorf("the name counts, the days do not: %+v %+v", p, prop)
		}
		_, err = w.Programme.Publish(w.ctx, "chen", 1, prop.ID, true, "")
		w.refused("programme.proposal.own", err)
		_, err = w.Programme.Publish(w.ctx, "zhao", 1, prop.ID, true, "")
		w.must(err)
		if p := span(); p.Span != 60 || p.Name != "平安家园" || p.Proposer != "chen" || p.By != "zhao" || p.Reason != "设备检修" {
			t.Errorf("%+v", p)
		}
		prop, err = put(7, "平安家园", "") // shorter: at once
		w.must(err)
		if p := span(); prop != nil || p.Span != 7 || p.Reason != "" {
			t.Errorf("%+v %+v", p, prop)
		}
		// Thirty are longer than seven, and the usual thirty as well.
		if prop, err = put(0, "平安家园", "设备检修"); err != nil || prop == nil || prop.Span != 30 {
			t.Errorf("%+v %v", prop, err)
		}
	})
}

func TestRoutesOfRuleProposals(t *testing.T) {
	w := newOffice(t, storetest.SQLite(t))
	held := []string{programme.MayRead, programme.MayWrite, programme.MayPublish}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"operator": {programme.MayRead, programme.MayWrite},
		"city":     append(slices.Clip(held), apitest.At("city-office", w.ids["临沂市"])),
		"second":   append(slices.Clip(held), apitest.At("city-office", w.ids["临沂市"])),
		"county":   append(slices.Clip(held), apitest.At("county-office", w.ids["兰山区"])),
	}})
	w.must(server.Add(w.Places, w.Programme))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	later := func(reason string) string {
		return `{"what":"built","classes":["demonstration","helped","other"],"due":"2018-06-30","near_days":30,"lead_days":60` + reason + `}`
	}
	var said string
	p.Do(422, "city", "PUT", "/api/milestones/built", later(""), &said, "If-Match", `"1"`)
	if !strings.Contains(said, `"path":"reason"`) {
		t.Error(said)
	}
	var got struct {
		Due      string
		Proposal *programme.Proposal
	}
	h := p.Do(200, "city", "PUT", "/api/milestones/built", later(`,"reason":"雨季停工"`), &got, "If-Match", `"1"`)
	if got.Due != "2017-11-30" || got.Proposal == nil || h.Get("ETag") != `"1"` {
		t.Fatalf("%v %+v", h, got)
	}
	p.Do(200, "county", "GET", "/api/rule-proposals?state=asked", "", &said)
	if !strings.Contains(said, "雨季停工") || !strings.Contains(said, `"due":"2018-06-30"`) {
		t.Error(said)
	}
	path := "/api/rule-proposals/" + string(got.Proposal.ID)
	for _, who := range []string{"city", "county", "operator"} {
		p.Do(403, who, "POST", path+"/publication", `{"grant":true}`, nil, "If-Match", `"1"`)
	}
	p.Do(422, "second", "POST", path+"/publication", `{"grant":true}`, nil)
	p.Do(200, "second", "POST", path+"/publication", `{"grant":true}`, nil, "If-Match", `"1"`)
	p.Do(200, "county", "GET", "/api/milestones/built/versions", "", &said)
	if !strings.Contains(said, `"reason":"雨季停工"`) || !strings.Contains(said, `"proposed_by":"city"`) {
		t.Error(said)
	}
	// The days, by the same way; and taken back.
	p.Do(200, "operator", "PUT", "/api/programme", `{"name":"“平安小区”创建","city":"`+string(w.ids["临沂市"])+`","start":"2017-04-12","span_days":90,"reason":"检修"}`, &got, "If-Match", `"1"`)
	path = "/api/rule-proposals/" + string(got.Proposal.ID)
	p.Do(403, "county", "POST", path+"/withdrawal", "", nil, "If-Match", `"1"`)
	p.Do(200, "operator", "POST", path+"/withdrawal", "", nil, "If-Match", `"1"`)
	p.Do(409, "second", "POST", path+"/publication", `{"grant":true}`, nil, "If-Match", `"2"`)
	p.Do(200, "county", "GET", "/api/programme/versions", "", &said)
	if strings.Contains(said, "90") {
		t.Error(said)
	}
}
