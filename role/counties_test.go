package role

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/supervision"
)

// Two counties with a compound each, Jinyang Garden in Lanshan, Lily Garden in Luozhuang; the trade unions help the one,
// the administration of commerce the other.
type twoCounties struct {
	*All
	t   *testing.T
	ids map[string]string
	who api.Caller

	ifMatch string // "": the first version
}

func (w *twoCounties) Authenticate(*http.Request) (api.Caller, error) { return w.who, nil }

func newTwoCounties(t *testing.T) *twoCounties {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	w := &twoCounties{All: a, t: t, ids: map[string]string{}}
	a.server.SetAuth(w)
	ctx, today := t.Context(), a.city.Places.Clock().Today()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	found := func(as string, level place.Level, parent, name string) {
		t.Helper()
		list, err := a.city.Places.Found(ctx, "op", []place.NewPlace{{Level: level, Parent: place.ID(w.ids[parent]), Name: name, From: today - 40}})
		must(err)
		w.ids[as] = string(list[0].Place)
	}
	found("city", place.City, "", "临沂市")
	_, err = a.city.Programme.Set(ctx, "op", 0, programme.Programme{Name: "创建", City: place.ID(w.ids["city"]), Start: today - 40})
	must(err)
	_, err = a.city.Programme.SetMilestone(ctx, "op", 0, programme.Milestone{ID: "built", What: programme.Built, Classes: place.Classes, Due: today + 40, Near: 30, Lead: 60})
	must(err)
	_, err = a.city.Campaign.Set(ctx, "op", 0, campaign.Campaign{ID: "drive", Name: "集中行动", From: today - 30, Until: today + 30})
	must(err)
	a.city.Inspection.SetAccounts(nil) // the story's people are no accounts
	form, err := inspection.Starter()
	must(err)
	_, err = a.city.Inspection.SetDraft(ctx, "op", inspection.StarterID, 0, form)
	must(err)
	_, err = a.city.Inspection.Publish(ctx, "chen", inspection.StarterID, 1)
	must(err)
	for i, n := range [][]string{{"兰山区", "银雀山街道", "东苗庄社区", "金阳花园", "市总工会"}, {"罗庄区", "盛庄街道", "花埠圈社区", "百合花园", "市工商局"}} {
		in := func(what string) string { return what + fmt.Sprint(i+1) }
		found(in("county"), place.County, "city", n[0])
		found(in("street"), place.Street, in("county"), n[1])
		found(in("community"), place.Community, in("street"), n[2])
		found(in("compound"), place.Compound, in("community"), n[3])
		id := place.ID(w.ids[in("compound")])
		must(a.city.Places.Enter(ctx, "op", []place.Entry{{Compound: id, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: today - 39}, Criteria: "无围墙", Evidence: "摸底表"}}))
		must(a.city.Places.Locate(ctx, "op", []place.Point{{Compound: id, LonLat: place.LonLat{Lon: 118.3, Lat: 35.1}, Moment: place.Moment{About: today - 39}}}))
		area, err := a.city.Places.AddArea(ctx, "op", place.Area{Compound: id, Kind: place.Gate, Name: "东门", From: today - 39})
		must(err)
		channels := []place.Channel{{Compound: id, Name: "东门 1", Area: place.Gate}}
		must(a.city.Places.AddChannels(ctx, "op", channels, nil))
		must(a.city.Places.StepChannels(ctx, "op", []place.ChannelStep{{Channel: channels[0].ID, Compound: id, State: place.Installed, Moment: place.Moment{About: today - 39}}}))
		must(a.city.Places.Count(ctx, "op", []place.Count{{Compound: id, Sort: "fence", Number: 1, Moment: place.Moment{About: today - 39}}}))
		w.ids[in("channel")] = string(channels[0].ID)
		units, err := a.city.Pairing.AddUnits(ctx, "op", []pairing.Unit{{Name: n[4], Level: "city"}})
		must(err)
		pairs, err := a.city.Pairing.Pair(ctx, "op", []pairing.Pairing{{Compound: id, Unit: units[0].ID, Moment: place.Moment{About: today - 39}}})
		must(err)
		money, err := a.city.Pairing.Enter(ctx, "op", []pairing.Entry{{Pairing: pairs[0].ID, Kind: pairing.Receipt, Fen: 1000, Moment: place.Moment{About: today - 38}}})
		must(err)
		file, err := a.city.Pairing.Attach(ctx, "op", money[0].ID, pairing.Voucher, "承诺书.pdf", []byte("%PDF-1.4\n%%EOF"))
		must(err)
		w.ids[in("file")] = string(file.ID)
		tasks, err := a.city.Pairing.SetTasks(ctx, "op", []pairing.Task{{Pairing: pairs[0].ID, Title: "修大门", Due: today + 9, Moment: place.Moment{About: today - 38}}})
		must(err)
		must(a.city.Programme.Enrol(ctx, "op", []programme.Enrolment{{Compound: id, From: today - 39, Part: true}}))
		asked, err := a.city.Programme.AskFor(ctx, "li", programme.Request{Compound: id, Kind: programme.AskLeave, From: today, Reason: "拆迁"})
		must(err)
		w.ids[in("request")] = string(asked.ID)
		handed := programme.Return{County: place.ID(w.ids[in("county")]), Month: today - 31}
		handed.Confirmed, err = a.city.Programme.CheckReturn(ctx, handed)
		must(err)
		ret, err := a.city.Programme.Submit(ctx, "li", handed)
		must(err)
		orders, err := a.city.Tasks.Raise(ctx, "op", supervision.Raising{Places: []place.ID{id}, Title: "尽快安装", Due: today})
		must(err)
		w.ids[in("order")] = string(orders[0].ID)
		inspected, err := a.city.Inspection.Plan(ctx, "op", inspection.NewInspection{Compound: id, Form: inspection.StarterID, Day: today, Team: []string{"somebody", "chen"}})
		must(err)
		w.ids[in("inspection")] = string(inspected.ID)
		activity, err := a.city.Campaign.Put(ctx, "op", 0, campaign.Activity{Campaign: "drive", Kind: campaign.Spread, Strand: campaign.Publicity, Place: place.ID(w.ids[in("county")]), Day: today, Title: "集中宣传"})
		must(err)
		notice, err := a.city.Campaign.Write(ctx, "op", 0, campaign.Notice{Place: id, Title: "告居民书", Body: "视频监控已启用", Signed: "社区居委会", Day: today})
		must(err)
		w.ids[in("activity")], w.ids[in("notice")] = string(activity.ID), string(notice.ID)
		draft, err := a.city.Bulletin.Begin(ctx, "op", place.ID(w.ids[in("county")]), bulletin.Words{Day: today}, "")
		must(err)
		w.ids[in("bulletin")] = string(draft.ID)
		w.ids[in("area")], w.ids[in("unit")], w.ids[in("pairing")] = string(area.ID), string(units[0].ID), string(pairs[0].ID)
		w.ids[in("money")], w.ids[in("task")], w.ids[in("return")] = string(money[0].ID), string(tasks[0].ID), string(ret.ID)
	}
	return w
}

// as signs in with a role at a place, or for a unit.
func (w *twoCounties) as(role identity.Role, at string) {
	office := api.Office{Role: string(role), Place: w.ids[at]}
	if role == identity.MemberUnit {
		office = api.Office{Role: string(role), Unit: w.ids[at]}
	}
	w.who = api.Caller{Account: "somebody", Kind: "account", Roles: []string{"staff"}, Permissions: identity.Of(role), Offices: []api.Office{office}}
	if role == identity.Program {
		w.who.Account, w.who.Kind, w.who.Roles = "token:"+at, "token", nil
		for _, p := range identity.Permissions() {
			w.who.Permissions[p.Name] = p.Placed
		}
	}
}

// fill puts ids for {names}.
func (w *twoCounties) fill(text string) string {
	for name, id := range w.ids {
		text = strings.ReplaceAll(text, "<"+name+">", id)
	}
	today := w.city.Places.Clock().Today()
	return strings.ReplaceAll(strings.ReplaceAll(text, "<today>", today.String()), "<tomorrow>", (today + 1).String())
}

func (w *twoCounties) ask(method, path, body string) (int, string) {
	req := httptest.NewRequest(method, path, bytes.NewBufferString(body))
	req.Header.Set("Content-Type", "application/json")
	if !strings.Contains(path, "supervision-rules") { // there is none yet
		req.Header.Set("If-Match", cmp.Or(w.ifMatch, `"1"`))
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// told names what a text says of one of the two counties: an id, or a name below the county's own, which is on every map.
// Pages, lists and files speak by names, the API by ids.
func (w *twoCounties) told(said, of string) string {
	for name, id := range w.ids {
		if strings.HasSuffix(name, of) && strings.Contains(said, id) {
			return name
		}
	}
	for _, name := range map[string][]string{"1": {"金阳花园", "东苗庄社区", "银雀山街道"}, "2": {"百合花园", "花埠圈社区", "盛庄街道"}}[of] {
		if strings.Contains(said, name) {
			return name
		}
	}
	return ""
}

// unpacked is what a file says: a workbook is a packed folder, in which nothing is found as it is.
func unpacked(t *testing.T, said string) string {
	t.Helper()
	if !strings.HasPrefix(said, "PK\x03\x04") {
		return said
	}
	z, err := zip.NewReader(strings.NewReader(said), int64(len(said)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return all.String()
}
