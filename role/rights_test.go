package role

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
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
	"linli.dev/linli/store"
)

// Two counties with a compound each, Jinyang Garden in Lanshan, Lily Garden in Luozhuang; the trade unions help the one,
// the administration of commerce the other.
type twoCounties struct {
	*All
	t   *testing.T
	ids map[string]string
	who api.Caller
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
		req.Header.Set("If-Match", `"1"`)
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// cityWide are the routes of the programme that tell every office the same, or that only the city's office may use. Each has
// its reason.
var cityWide = map[string]string{
	"getProgramme":             "the rules are the same for everybody, and speak of no place but the city",
	"getCity":                  "everybody reads the city's sums; the rows of counties are filtered",
	"listMemberUnits":          "the names of the committees' member units are public, and none is of a county's area",
	"setProgramme":             "the city's office alone",
	"setMilestone":             "the city's office alone",
	"listRuleProposals":        "the rules are the same for everybody, and so is what they may become",
	"publishRuleProposal":      "the city's office alone, by a second person",
	"withdrawRuleProposal":     "the city's office alone",
	"addMemberUnit":            "the city's office alone",
	"changeMemberUnit":         "the city's office alone",
	"listMemberUnitChanges":    "what the committees' member units were called is public like their names",
	"listSupervisionRules":     "the rules are the same for everybody",
	"setSupervisionRule":       "the city's office alone",
	"trySupervisionRule":       "the city's office alone",
	"uploadSheet":              "an upload is its sender's alone; each row is asked for when it is checked (people/sheet tests it)",
	"getSheetDraft":            "an upload is its sender's alone",
	"mapSheet":                 "an upload is its sender's alone",
	"commitSheet":              "an upload is its sender's alone; rows of another area are bad rows (people/sheet tests it)",
	"cancelSheet":              "an upload is its sender's alone",
	"badSheetRows":             "an upload is its sender's alone",
	"undoSheet":                "everybody undoes the own imports only, but for the city's office",
	"listSheetImports":         "everybody sees the own imports only, but for the city's office",
	"sheetTemplateXlsx":        "the names of divisions are public; of compounds it has those that the caller may read",
	"sheetTemplateCsv":         "headings only",
	"getIndicatorValues":       "the city's value, and of counties each caller's own: by the same code as tryIndicator, which is asked below",
	"listIndicators":           "the formulas are the same for everybody",
	"setIndicator":             "the city's office alone",
	"setIndicatorTarget":       "the city's office alone",
	"listCampaigns":            "campaigns are the city's; everybody learns from them",
	"setCampaign":              "the city's office alone",
	"listCampaignActivities":   "every county reads the activities of all (people/campaign)",
	"getCampaignActivity":      "every county reads the activities of all",
	"getPhoto":                 "photos of activities, which every county reads",
	"listInspectionForms":      "forms are the city's, and published ones public",
	"getInspectionForm":        "forms are the city's",
	"getInspectionXLSForm":     "forms are the city's",
	"getInspectionFormStarter": "it is part of the program",
	"setInspectionForm":        "the city's office alone",
	"checkInspectionForm":      "the city's office alone",
	"readInspectionXLSForm":    "the city's office alone",
	"publishInspectionForm":    "the city's office alone, by a second person",
	"getOutlines":              "borders of counties are on every map",
	"getTiles":                 "where a county stands is on every map",
	"listTileChanges":          "where a county stands is on every map",
	"setTiles":                 "the city's office alone",
	"dropTiles":                "the city's office alone",
	"listPlaceNames":           "names of divisions are public: they stand in the statistics bureau's lists",
	"checkOutlines":            "the city's office alone",
	"putOutlines":              "the city's office alone",
	"dropOutlines":             "the city's office alone",
	"streamEvents":             "events of other areas carry no more than that there was something",
	"listBulletins":            "what is issued is for everybody; drafts are filtered by their office (people/bulletin tests it)",
	"getIssuedBulletin":        "what is issued is for everybody, in the edition that the place allows; a draft is asked below",
	"listBulletinOffices":      "each caller's own offices",
	"getBulletinStarter":       "it is part of the program",

	// Histories of what is city-wide itself.
	"listCampaignChanges":        "campaigns are the city's; everybody learns from them",
	"listActivityChanges":        "every county reads the activities of all",
	"listMilestones":             "the rules are the same for everybody",
	"listMilestoneVersions":      "the rules are the same for everybody",
	"listProgrammeChanges":       "the programme is the city's, and everybody's",
	"listOutlineChanges":         "borders of counties are on every map",
	"getStory":                   "a demo's: it tells of days only",
	"moveStory":                  "a demo's, and the city's office alone",
	"listMilestoneChanges":       "the rules are the same for everybody",
	"listSupervisionRuleChanges": "the rules are the same for everybody",
	"listIndicatorChanges":       "definitions are the city's; targets of counties are filtered like their values",
}

// neighbour is how a route is asked about Lanshan (…1).
type neighbour struct{ path, body string }

// asked lists every other route. A list is asked as it is: nothing of the neighbour may be in the answer.
var asked = map[string]neighbour{
	"listPlaces":               {"/api/places?level=compound", ""},
	"foundPlace":               {"/api/places", `{"level":"building","parent":"<compound1>","name":"2号楼","from":"<today>"}`},
	"getPlace":                 {"/api/places/<compound1>", ""},
	"changePlace":              {"/api/places/<compound1>", `{"from":"<today>","name":"金阳花园二期"}`},
	"getPlaceRights":           {"/api/places/<compound1>/rights?of=place.write", ""},
	"listPlaceVersions":        {"/api/places/<compound1>/versions", ""},
	"endPlace":                 {"/api/places/<compound1>/end", `{"from":"<tomorrow>","note":"拆迁"}`},
	"mergePlaces":              {"/api/places/<compound1>/merge", `{"places":["<compound2>"],"from":"<today>","note":"合并管理"}`},
	"splitPlace":               {"/api/places/<compound1>/split", `{"name":"西区","from":"<today>","children":[]}`},
	"getCompound":              {"/api/compounds/<compound1>", ""},
	"enterClass":               {"/api/compounds/<compound1>/classes", `{"mark":"helped","in":true,"from":"<today>","criteria":"无围墙","evidence":"摸底表"}`},
	"withdrawClass":            {"/api/compounds/<compound1>/classes/withdrawal", `{"mark":"helped","from":"<today>","known":"2017-04-10T09:00:00Z","why":"误登"}`},
	"addArea":                  {"/api/compounds/<compound1>/areas", `{"kind":"gate","name":"西门","from":"<today>"}`},
	"changeArea":               {"/api/areas/<area1>", `{"name":"东大门"}`},
	"countAssets":              {"/api/compounds/<compound1>/assets", `{"from":"<today>","assets":[{"sort":"light","number":3}]}`},
	"listChannels":             {"/api/compounds/<compound1>/channels", ""},
	"addChannels":              {"/api/compounds/<compound1>/channels", `{"from":"<today>","state":"installed","channels":[{"name":"东门","area":"gate"}]}`},
	"changeChannel":            {"/api/channels/<channel1>", `{"name":"东大门 1"}`},
	"stepChannels":             {"/api/compounds/<compound1>/channel-steps", `{"from":"<today>","state":"networked","channels":["x"]}`},
	"listCompoundCameras":      {"/api/compounds/<compound1>/cameras", ""},
	"listRegisters":            {"/api/registers", ""},
	"listPoints":               {"/api/points", ""},
	"listPairings":             {"/api/pairings", ""},
	"pair":                     {"/api/pairings", `{"compound":"<compound1>","unit":"<unit2>","from":"<today>"}`},
	"unpair":                   {"/api/pairings/<pairing1>/end", `{"until":"<tomorrow>"}`},
	"enterHelpMoney":           {"/api/pairings/<pairing1>/money", `{"kind":"pledge","fen":100,"from":"<today>"}`},
	"getCompoundEvidence":      {"/api/compounds/<compound1>/evidence.zip", ""},
	"listPairingChanges":       {"/api/pairings/<pairing1>/changes", ""},
	"listCompoundChanges":      {"/api/compounds/<compound1>/changes", ""},
	"listNoticeChanges":        {"/api/notices/<notice1>/changes", ""},
	"listReturnChanges":        {"/api/county-returns/<return1>/changes", ""},
	"getPairing":               {"/api/pairings/<pairing1>", ""},
	"discloseHelpMoney":        {"/api/pairings/<pairing1>/disclosures", `{"spends":["x"],"from":"<today>"}`},
	"attachHelpFile":           {"/api/help-money/<money1>/files?kind=voucher&name=a.pdf", "x"},
	"getHelpFile":              {"/api/help-files/<file1>", ""},
	"withdrawHelpFile":         {"/api/help-files/<file1>/withdrawal", `{"note":"误传"}`},
	"correctHelpMoney":         {"/api/help-money/<money1>/correction", `{"fen":900,"from":"<today>","why":"误登"}`},
	"reverseHelpMoney":         {"/api/help-money/<money1>/reversal", `{"from":"<today>","note":"误登"}`},
	"setHelpTask":              {"/api/pairings/<pairing1>/tasks", `{"title":"修路灯","from":"<today>","due":"<tomorrow>"}`},
	"withdrawHelpTask":         {"/api/help-tasks/<task1>/withdrawal", `{"why":"误设"}`},
	"reopenHelpTask":           {"/api/help-tasks/<task1>/reopening", `{"why":"尚未验收"}`},
	"finishHelpTask":           {"/api/help-tasks/<task1>/done", `{"done":"<today>"}`},
	"editCompound":             {"/api/compounds/<compound1>", `{"from":"<today>","numbers":{"light":3}}`},
	"getArea":                  {"/api/programme/areas/<street1>", ""},
	"listLights":               {"/api/programme/lights", ""},
	"listLate":                 {"/api/programme/late", ""},
	"getLateText":              {"/api/programme/late/text", ""},
	"listDeadlines":            {"/api/programme/deadlines?county=<county1>", ""},
	"listSupervisionTasks":     {"/api/supervision-tasks", ""},
	"getLateList":              {"/api/supervision-tasks/late-list", ""},
	"getSupervisionTask":       {"/api/supervision-tasks/<order1>", ""},
	"raiseSupervisionTasks":    {"/api/supervision-tasks", `{"places":["<compound1>"],"title":"尽快联网","due":"<tomorrow>"}`},
	"stepSupervisionTasks":     {"/api/supervision-tasks/steps", `{"act":"sign","tasks":[{"id":"<order1>","version":1}]}`},
	"checkSupervisionTasks":    {"/api/supervision-tasks/checks", `{"act":"return","note":"未整改","tasks":[{"id":"<order1>","version":1}]}`},
	"withdrawSupervisionTasks": {"/api/supervision-tasks/withdrawals", `{"note":"误发","tasks":[{"id":"<order1>","version":1}]}`},
	"findCompounds":            {"/api/compounds", ""},
	"exportSheetXlsx":          {"/api/sheets/compounds.xlsx", ""},
	"exportSheetCsv":           {"/api/sheets/compounds.csv", ""},
	"exportDivisionsXlsx":      {"/api/sheets/divisions.xlsx", ""},
	"exportDivisionsCsv":       {"/api/sheets/divisions.csv", ""},
	"exportBuildingsXlsx":      {"/api/sheets/buildings.xlsx", ""},
	"exportBuildingsCsv":       {"/api/sheets/buildings.csv", ""},
	"exportChannelsXlsx":       {"/api/sheets/channels.xlsx", ""},
	"exportChannelsCsv":        {"/api/sheets/channels.csv", ""},
	"exportAreasXlsx":          {"/api/sheets/areas.xlsx", ""},
	"exportAreasCsv":           {"/api/sheets/areas.csv", ""},
	"exportAssetsXlsx":         {"/api/sheets/assets.xlsx", ""},
	"exportAssetsCsv":          {"/api/sheets/assets.csv", ""},
	"getCounty":                {"/api/programme/counties/<county1>", ""},
	"getBulletin":              {"/api/bulletin?county=<county1>", ""},
	"getBulletinFile":          {"/api/bulletin/file?format=docx&county=<county1>", ""},
	"beginBulletin":            {"/api/bulletins", `{"office":"<county1>","day":"<today>"}`},
	"writeBulletin":            {"/api/bulletins/<bulletin1>", `{"day":"<today>","since":"2017-01-01","added":[]}`},
	"reviewBulletin":           {"/api/bulletins/<bulletin1>/review", `{"send_back":"补充"}`},
	"issueBulletin":            {"/api/bulletins/<bulletin1>/issue", ""},
	"dropBulletin":             {"/api/bulletins/<bulletin1>", ""},
	"getIssuedBulletinFile":    {"/api/bulletins/<bulletin1>/file?format=md", ""},
	"setBulletinOffice":        {"/api/bulletin-offices/<county1>", `{"prefix":"兰综治通报","signer":"兰山区综治办","first":0}`},
	"setBulletinTemplate":      {"/api/bulletin-offices/<county1>/template", "x"},
	"removeBulletinTemplate":   {"/api/bulletin-offices/<county1>/template", ""},
	"getBulletinTemplate":      {"/api/bulletin-offices/<county1>/template", ""},
	"listSayings":              {"/api/programme/compounds/<compound1>/history", ""},
	"listChanges":              {"/api/programme/changes?from=2017-01-01&county=<county1>", ""},
	"getReturnTable":           {"/api/county-returns/table", ""},
	"draftReturn":              {"/api/county-returns/draft?county=<county1>&month=<today>", ""},
	"checkReturn":              {"/api/county-returns/check", `{"county":"<county1>","month":"<today>","claims":[]}`},
	"getReturn":                {"/api/county-returns/<return1>", ""},
	"unlockReturn":             {"/api/county-returns/<return1>/unlocking", `{"reason":"误报"}`},
	"getForecast":              {"/api/programme/forecast?county=<county1>", ""},
	"tryIndicator":             {"/api/indicators/trial", `{"name":"建成率","formula":"built / compounds","period":"state","direction":"up"}`},
	"listStandings":            {"/api/programme/compounds", ""},
	"getStanding":              {"/api/programme/compounds/<compound1>", ""},
	"enrol":                    {"/api/programme/enrolments", `{"compounds":[{"compound":"<compound1>","from":"<today>","takes_part":true,"plan":4}]}`},
	"extendDeadline":           {"/api/programme/compounds/<compound1>/extensions", `{"milestone":"built","due":"2099-01-01","reason":"外墙施工"}`},
	"listReturns":              {"/api/county-returns", ""},
	"submitReturn":             {"/api/county-returns", `{"county":"<county1>","month":"<today>","claims":[],"confirmed":[{"path":"claims","code":"programme.return.empty"}]}`},
	"addCampaignActivity":      {"/api/activities", `{"campaign":"drive","kind":"publicity","strand":"publicity","place":"<county1>","day":"<today>","title":"集中宣传"}`},
	"changeCampaignActivity":   {"/api/activities/<activity1>", `{"campaign":"drive","kind":"publicity","strand":"publicity","place":"<county1>","day":"<today>","title":"集中宣传日"}`},
	"addPhoto":                 {"/api/activities/<activity1>/photos", "x"},
	"removePhoto":              {"/api/activities/<activity1>/photos/none", ""},
	"followUpActivity":         {"/api/activities/<activity1>/follow-ups", `{"places":["<compound1>"],"title":"补贴告示","due":"<tomorrow>"}`},
	"listNotices":              {"/api/notices", ""},
	"addNotice":                {"/api/notices", `{"place":"<compound1>","title":"告居民书","body":"视频监控已启用","signed":"社区居委会","day":"<today>"}`},
	"changeNotice":             {"/api/notices/<notice1>", `{"place":"<compound1>","title":"告居民书","body":"视频监控将启用","signed":"社区居委会","day":"<today>"}`},
	"publishNotice":            {"/api/notices/<notice1>/publishing", `{}`},
	"listInspections":          {"/api/inspections", ""},
	"listInspectionMendings":   {"/api/inspection-mendings?compound=<compound1>", ""},
	"listInspectionStandings":  {"/api/inspection-standings", ""},
	"planInspection":           {"/api/inspections", `{"compound":"<compound1>","form":"safe-compound","day":"<today>","team":["somebody","chen"]}`},
	"listInspectors":           {"/api/inspectors?compound=<compound1>", ""},
	"getInspection":            {"/api/inspections/<inspection1>", ""},
	"getInspectionBundle":      {"/api/inspections/<inspection1>/bundle", ""},
	"replanInspection":         {"/api/inspections/<inspection1>/plan", `{"day":"<tomorrow>","team":["somebody","chen"]}`},
	"cancelInspection":         {"/api/inspections/<inspection1>/cancellation", `{"note":"改期"}`},
	"sendInspectionAnswers":    {"/api/inspections/<inspection1>/answers", `{"answers":[{"id":"answer-1","item":"alarm","value":"yes","at":"2017-11-20T09:00:00Z"}]}`},
	"addInspectionPhoto":       {"/api/inspections/<inspection1>/photos?client=photo-01", "x"},
	"getInspectionReport":      {"/api/inspections/<inspection1>/report", ""},
	"getInspectionPhoto":       {"/api/inspections/<inspection1>/photos/photo-01", ""},
	"signInspection":           {"/api/inspections/<inspection1>/signatures", `{"digest":"x"}`},
	"stepInspectionMending":    {"/api/inspections/<inspection1>/mendings/alarm/steps", `{"act":"accept"}`},
	"extendInspectionMending":  {"/api/inspections/<inspection1>/mendings/alarm/extensions", `{"note":"等配件","due":"<tomorrow>"}`},
	"decideReturn":             {"/api/county-returns/<return1>/decision", `{"approve":true}`},

	// What is asked of the level above, and histories of an office's own.
	"listReliefRequests":        {"/api/programme/requests", ""},
	"askForRelief":              {"/api/programme/compounds/<compound1>/requests", `{"kind":"leave","from":"<today>","reason":"拆迁"}`},
	"decideRelief":              {"/api/programme/requests/<request1>/decision", `{"grant":false,"note":"请补充材料"}`},
	"withdrawRelief":            {"/api/programme/requests/<request1>/withdrawal", ""},
	"listReliefChanges":         {"/api/programme/requests/<request1>/changes", ""},
	"withdrawExtension":         {"/api/programme/compounds/<compound1>/extensions/withdrawal", `{"milestone":"built","reason":"已完工"}`},
	"listBulletinChanges":       {"/api/bulletins/<bulletin1>/changes", ""},
	"listBulletinOfficeChanges": {"/api/bulletin-offices/<county1>/changes", ""},
}

// neighbours are everybody of Luozhuang who has an office there, and the unit that helps there.
var neighbours = []struct {
	role identity.Role
	at   string
}{
	{identity.CountyOffice, "county2"},
	{identity.StreetOffice, "street2"},
	{identity.CommunityOffice, "community2"},
	{identity.Manager, "compound2"},
	{identity.MemberUnit, "unit2"},
}

// neighbouringProgram is a program whose token is for the neighbour's compound, with every permission that such a token may hold.
var neighbouringProgram = []struct {
	role identity.Role
	at   string
}{{identity.Program, "compound2"}}

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

// TestANeighbourIsRefused asks every route of the programme there is about Lanshan: as each office of Luozhuang and the unit
// that helps there, who are refused or get nothing of it, and as who may, so that a refusal is one for being the neighbour.
func TestANeighbourIsRefused(t *testing.T) {
	w := newTwoCounties(t)
	clock := w.city.Places.Clock()
	_, err := w.city.Programme.SetMilestone(t.Context(), "op", 0, programme.Milestone{ID: "networked", What: programme.Networked, Classes: place.Classes, Due: clock.Today() - 1})
	if err != nil { // both are late, so that the lists of who is late have somebody to hide
		t.Fatal(err)
	}
	for i, name := range []string{"compound1", "compound2"} { // both have a machine that reports
		_, err := w.city.Places.Report(t.Context(), fmt.Sprint("token:box", i), place.ID(w.ids[name]), []place.Reported{{Key: "camera01", Name: "东门", Area: place.Gate, InUse: true}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var ask []api.Route
	answered := map[string]bool{} // to some neighbour, as a list without Lanshan
	for _, r := range w.server.Routes() {
		if !programmePermission[r.Permission] || r.Permission == "journal.read" && r.Path == "/api/events" {
			continue
		}
		_, open := cityWide[r.ID]
		n, ok := asked[r.ID]
		if ok == open {
			t.Errorf("%s (%s %s) must be in one of the lists of this file: is it city-wide by intent, or how is it asked about a neighbour?", r.ID, r.Method, r.Path)
			continue
		}
		if open {
			continue
		}
		ask = append(ask, r)
		path, body := w.fill(n.path), w.fill(n.body)
		list := !strings.Contains(n.path+n.body, "<")
		for _, who := range slices.Concat(neighbours, neighbouringProgram) {
			w.as(who.role, who.at)
			code, raw := w.ask(r.Method, path, body)
			said := unpacked(t, raw)
			if code != http.StatusForbidden && !(code == http.StatusOK && list) {
				t.Errorf("%s as the neighbour, a %s: %d %s", r.ID, who.role, code, said)
			}
			if told := w.told(said, "1"); told != "" {
				t.Errorf("%s tells the neighbour, a %s, of %s: %s", r.ID, who.role, told, said)
			}
			answered[r.ID] = answered[r.ID] || code == http.StatusOK
			if who.role == identity.CountyOffice && code == http.StatusForbidden && !strings.Contains(said, "place.not-permitted") {
				t.Errorf("%s is refused for another reason: %s", r.ID, said)
			}
		}
	}
	// Only then who may: what they do would change what a neighbour is.
	for _, r := range ask {
		w.as(identity.CountyOffice, "county1")
		if strings.HasSuffix(r.Permission, ".approve") || r.ID == "mergePlaces" || r.ID == "withdrawHelpTask" {
			w.as(identity.CityOffice, "city")
		}
		if r.ID == "publishNotice" { // nobody publishes what they wrote
			w.who.Account = "another"
		}
		if r.ID == "endPlace" || r.ID == "mergePlaces" { // the last two stories would need the compound: asked, not done
			continue
		}
		code, raw := w.ask(r.Method, w.fill(asked[r.ID].path), w.fill(asked[r.ID].body))
		said := unpacked(t, raw)
		if code == http.StatusForbidden || code >= 500 {
			t.Errorf("%s for who may: %d %s", r.ID, code, said)
		}
		// A list that has nothing of Lanshan for Lanshan would hide nothing from the neighbour either.
		if answered[r.ID] && emptyHere[r.ID] == "" && (code != http.StatusOK || w.told(said, "1") == "") {
			t.Errorf("%s: nothing of the own area is in the list even for who may: %d %s", r.ID, code, said)
		}
	}
}

// emptyHere are lists in which nobody can be in this story. Each has its reason.
var emptyHere = map[string]string{
	"getLateList": "a task is late on a later day only, and this clock stands (people/supervision tests what it shows)",
}

// What is city-wide and changes something is the city office's alone.
func TestTheCitysRulesAreTheCityOffices(t *testing.T) {
	w := newTwoCounties(t)
	for _, x := range []struct{ method, path, body string }{
		{"PUT", "/api/programme", `{"name":"创建","city":"<city>","start":"2017-04-01"}`},
		{"PUT", "/api/milestones/built", `{"what":"built","classes":["other"],"due":"2099-06-30","near_days":30,"lead_days":60}`},
		{"DELETE", "/api/outlines", ""},
		{"PUT", "/api/tiles", `{"tiles":[{"place":"<county1>","column":0,"row":0,"short_zh":"兰山","short_en":"Lanshan"}]}`},
		{"DELETE", "/api/tiles", ""},
		{"PUT", "/api/outlines?datum=wgs84", `{}`},
		{"POST", "/api/outlines/check?datum=wgs84", `{}`},
		{"POST", "/api/member-units", `{"name":"市交通局","level":"city"}`},
		{"PATCH", "/api/member-units/<unit1>", `{"name":"市工会","level":"city"}`},
		{"PUT", "/api/campaigns/winter", `{"name":"冬季行动","from":"2017-11-01","until":"2017-12-31"}`},
		{"GET", "/api/bulletin", ""},
		{"PUT", "/api/inspection-forms/other-form", `{"title":{"zh":"检查表"},"pass":90,"mend":70,"judged":70,"mend_days":30,"sections":[{"name":"a","title":{"zh":"a"},"weight":100,"items":[{"name":"x","title":{"zh":"x"},"kind":"yes-no","weight":100}]}]}`},
		{"POST", "/api/inspection-forms/safe-compound/publishing", ""},
		{"GET", "/api/bulletin/file?format=text", ""},
		{"POST", "/api/supervision-rules/trial", `{"light":"red","title":"尽快安装","days":7,"active":true}`},
		{"PUT", "/api/supervision-rules/late", `{"light":"red","title":"尽快安装","days":7,"active":true}`},
	} {
		for _, c := range []struct {
			role identity.Role
			at   string
			may  bool
		}{{identity.CountyOffice, "county1", false}, {identity.MemberUnit, "unit1", false}, {identity.Manager, "compound1", false}, {identity.CityOffice, "city", true}} {
			w.as(c.role, c.at)
			if code, said := w.ask(x.method, w.fill(x.path), w.fill(x.body)); (code != 403) != c.may || code >= 500 {
				t.Errorf("%s %s as %s: %d %s", x.method, x.path, c.role, code, said)
			}
		}
	}
	w.as(identity.CountyOffice, "county2")
	_, said := w.ask("GET", "/api/programme/city", "")
	var city programme.City
	if err := json.Unmarshal([]byte(said), &city); err != nil || city.Numbers.Compounds != 2 || len(city.Counties) != 1 || city.Counties[0].Name != "罗庄区" {
		t.Errorf("%v %s", err, said)
	}
}

// What a page asks before it offers a button is what the deed itself would be answered.
func TestRightsOfAPlaceAreThoseOfTheDeeds(t *testing.T) {
	w := newTwoCounties(t)
	for _, c := range []struct {
		role     identity.Role
		at, path string
		may      string
	}{
		{identity.CountyOffice, "county1", "/api/places/<county1>/rights?of=programme.approve,programme.write", `["programme.write"]`},
		{identity.CountyOffice, "county1", "/api/places/<compound1>/rights?of=place.write", `["place.write"]`},
		{identity.CityOffice, "city", "/api/places/<county1>/rights?of=programme.approve,place.write", `["programme.approve","place.write"]`},
		{identity.CityOffice, "city", "/api/places/<county1>/rights?of=programme.approve&by=somebody", `[]`}, // the own return
		{identity.CityOffice, "city", "/api/places/<city>/rights?of=supervision.raise", `["supervision.raise"]`},
		{identity.Manager, "compound1", "/api/places/<compound1>/rights?of=place.write,place.keep", `["place.keep"]`},
		{identity.MemberUnit, "unit1", "/api/places/<compound1>/rights?of=place.write,place.keep", `[]`},
	} {
		w.as(c.role, c.at)
		if code, said := w.ask("GET", w.fill(c.path), ""); code != 200 || !strings.Contains(said, `"may":`+c.may) {
			t.Errorf("%s %s: %d %s, want %s", c.role, c.path, code, said, c.may)
		}
	}
	// Everybody begins the tree at what is theirs.
	for _, c := range []struct {
		role    identity.Role
		at, top string
	}{{identity.CityOffice, "city", "临沂市"}, {identity.CountyOffice, "county1", "兰山区"}, {identity.Manager, "compound1", "金阳花园"}, {identity.MemberUnit, "unit1", "金阳花园"}} {
		w.as(c.role, c.at)
		var list struct{ Places []place.Version }
		code, said := w.ask("GET", "/api/places", "")
		if err := json.Unmarshal([]byte(said), &list); err != nil || code != 200 || len(list.Places) != 1 || list.Places[0].Name != c.top {
			t.Errorf("%s: %d %s", c.role, code, said)
		}
	}
	w.as(identity.CountyOffice, "county1")
	if code, said := w.ask("GET", "/api/places?search=hy", ""); code != 200 || !strings.Contains(said, "金阳花园") || strings.Contains(said, "百合花园") || !strings.Contains(said, `["兰山区","银雀山街道","东苗庄社区"]`) {
		t.Errorf("%d %s", code, said)
	}
}

func TestAMemberUnitSeesItsPairingsOnly(t *testing.T) {
	w := newTwoCounties(t)
	_, err := w.city.Pairing.Pair(t.Context(), "op", []pairing.Pairing{{
		Compound: place.ID(w.ids["compound1"]), Unit: pairing.UnitID(w.ids["unit2"]), Moment: place.Moment{About: w.city.Places.Clock().Today()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.as(identity.MemberUnit, "unit1")
	code, said := w.ask("GET", "/api/pairings", "")
	if code != 200 || !strings.Contains(said, w.ids["pairing1"]) || strings.Contains(said, w.ids["pairing2"]) || strings.Contains(said, w.ids["unit2"]) {
		t.Errorf("%d %s", code, said)
	}
	for path, want := range map[string]int{
		"/api/compounds/<compound1>": 200, "/api/programme/compounds/<compound1>": 200,
		"/api/compounds/<compound2>": 403, "/api/programme/compounds/<compound2>": 403, "/api/places/<county1>": 403,
	} {
		if code, said := w.ask("GET", w.fill(path), ""); code != want {
			t.Errorf("%s: %d %s", path, code, said)
		}
	}
	if code, said := w.ask("POST", w.fill("/api/pairings/<pairing1>/money"), w.fill(`{"kind":"pledge","fen":100,"from":"<today>"}`)); code != 201 {
		t.Errorf("%d %s", code, said)
	}
	if code, said := w.ask("POST", w.fill("/api/pairings/<pairing2>/money"), w.fill(`{"kind":"pledge","fen":100,"from":"<today>"}`)); code != 403 {
		t.Errorf("%d %s", code, said)
	}
}

// With two cities in a tree a unit's task lies in the one whose office has the say over it, and no other.
func TestTheCityIsTheSameForEveryQuestion(t *testing.T) {
	w := newTwoCounties(t)
	ctx, today := t.Context(), w.city.Places.Clock().Today()
	other, err := w.city.Places.Found(ctx, "op", []place.NewPlace{{Level: place.City, Name: "日照市", From: today - 40}})
	if err != nil {
		t.Fatal(err)
	}
	w.ids["other"] = string(other[0].Place)
	tasks, err := w.city.Tasks.Raise(ctx, "op", supervision.Raising{Units: []string{w.ids["unit1"]}, Title: "上门宣传", Due: today + 20})
	if err != nil {
		t.Fatal(err)
	}
	id := string(tasks[0].ID)
	for _, at := range []string{"city", "other"} {
		mine := w.ids[at] == string(tasks[0].Place)
		w.as(identity.CityOffice, at)
		if code, said := w.ask("GET", "/api/supervision-tasks/"+id, ""); (code == 200) != mine {
			t.Errorf("%s, of which the task is: %v: %d %s", at, mine, code, said)
		}
		if _, said := w.ask("GET", "/api/supervision-tasks", ""); strings.Contains(said, id) != mine {
			t.Errorf("%s, of which the task is: %v: its list has it: %v", at, mine, !mine)
		}
		if code, said := w.ask("POST", "/api/supervision-tasks/withdrawals", `{"tasks":[{"id":"`+id+`","version":1}],"note":"误发"}`); (code == 200) != mine {
			t.Errorf("%s, of which the task is: %v: %d %s", at, mine, code, said)
		}
	}
}

// The table of permissions and the policies say the same: who holds a permission is let in at the own place, who does not is
// refused there.
func TestPermissionsAndPoliciesAgree(t *testing.T) {
	w := newTwoCounties(t)
	at := map[identity.Role]string{
		identity.CityOffice: "city", identity.CountyOffice: "county1", identity.StreetOffice: "street1", identity.CommunityOffice: "community1",
		identity.Manager: "compound1", identity.MemberUnit: "unit1",
	}
	rights := w.city.Places.Rights()
	for role, where := range at {
		w.as(role, where)
		ctx := api.WithCaller(context.Background(), w.who)
		for p := range programmePermission {
			_, verb, _ := strings.Cut(p, ".")
			var err error
			switch {
			case p == "journal.read", p == "bulletin.read": // what is issued is for everybody
				continue
			case verb == "total":
				err = rights.MayCity(ctx, p)
			case p == "campaign.publish":
				at := place.ID(w.ids[where])
				if role == identity.MemberUnit {
					at = place.ID(w.ids["compound1"])
				}
				err = rights.MayPublishAt(ctx, p, at, []string{"li"})
			case verb == "publish":
				err = rights.MayPublish(ctx, p, []string{"li"})
			case verb == "approve": // of the level below
				below := map[identity.Role]string{identity.CityOffice: "county1", identity.CountyOffice: "street1"}[role]
				if below == "" {
					below = "community1"
				}
				err = rights.MayApprove(ctx, p, place.ID(w.ids[below]), "li")
			case role == identity.MemberUnit && strings.HasPrefix(p, "supervision."): // of its own
				err = rights.MayUnit(ctx, p, w.ids["unit1"])
			case role == identity.MemberUnit && strings.HasPrefix(p, "pairing."):
				err = rights.MayPairing(ctx, p, place.ID(w.ids["compound1"]), w.ids["pairing1"], w.ids["unit1"])
			case role == identity.MemberUnit:
				err = rights.May(ctx, p, w.city.Places.Clock().AtClose(w.city.Places.Clock().Today()), place.ID(w.ids["compound1"]))
			case verb == "raise" || verb == "check": // of what lies below
				err = rights.MayChange(ctx, p, place.ID(w.ids["compound1"]))
			default:
				err = rights.MayChange(ctx, p, place.ID(w.ids[where]))
			}
			if held := identity.Of(role)[p]; held != (err == nil) {
				t.Errorf("%s holds %s: %v, the policies say %v", role, p, held, err)
			}
		}
	}
}

func TestEventsOfANeighbourSayNothing(t *testing.T) {
	w := newTwoCounties(t)
	w.as(identity.CountyOffice, "county2")
	events, err := w.db.Events(t.Context(), 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	for _, e := range events {
		if !slices.Contains([]string{"place", "pairing", "programme", "supervision"}, e.Room) {
			continue
		}
		told := w.eventFor(t.Context(), w.who, e)
		raw, _ := json.Marshal(told)
		for name, id := range w.ids {
			if strings.HasSuffix(name, "1") && (strings.Contains(string(told.Data), id) || told.Subject == id) {
				t.Errorf("%s %s tells of %s: %s", e.Room, e.Kind, name, raw)
			}
		}
		if strings.Contains(string(told.Data), "金阳") {
			t.Errorf("%s", raw)
		}
		if told.Subject == w.ids["compound2"] {
			heard++
		}
	}
	if heard < 4 {
		t.Errorf("of its own compound Luozhuang heard %d events", heard)
	}
	w.who = api.Caller{Account: "op", Kind: "account", Roles: []string{"operator"}, Permissions: identity.Of(identity.Operator)}
	if told := w.eventFor(t.Context(), w.who, store.Event{Room: "place", Kind: "place.founded", Subject: w.ids["compound1"], Data: json.RawMessage(`{"name":"x"}`)}); told.Subject != w.ids["compound1"] {
		t.Errorf("%+v", told)
	}
}
