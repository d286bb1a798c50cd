package role

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// cityWide are the routes of the programme that tell every office the same, or that only the city's office may use. Each has
// its reason.
var cityWide = map[string]string{
	"getProgramme":              "the rules are the same for everybody, and speak of no place but the city",
	"getCity":                   "everybody reads the city's sums; the rows of counties are filtered",
	"listMemberUnits":           "the names of the committees' member units are public, and none is of a county's area",
	"setProgramme":              "the city's office alone",
	"setMilestone":              "the city's office alone",
	"listRuleProposals":         "the rules are the same for everybody, and so is what they may become",
	"publishRuleProposal":       "the city's office alone, by a second person",
	"withdrawRuleProposal":      "the city's office alone",
	"addMemberUnit":             "the city's office alone",
	"changeMemberUnit":          "the city's office alone",
	"listMemberUnitChanges":     "what the committees' member units were called is public like their names",
	"listSupervisionRules":      "the rules are the same for everybody",
	"setSupervisionRule":        "the city's office alone",
	"trySupervisionRule":        "the city's office alone",
	"uploadSheet":               "an upload is its sender's alone; each row is asked for when it is checked (people/sheet tests it)",
	"getSheetDraft":             "an upload is its sender's alone",
	"listSheetCells":            "an upload is its sender's alone",
	"mapSheet":                  "an upload is its sender's alone",
	"commitSheet":               "an upload is its sender's alone; rows of another area are bad rows (people/sheet tests it)",
	"cancelSheet":               "an upload is its sender's alone",
	"badSheetRows":              "an upload is its sender's alone",
	"undoSheet":                 "everybody undoes the own imports only, but for the city's office",
	"listSheetImports":          "everybody sees the own imports only, but for the city's office",
	"sheetTemplateXlsx":         "the names of divisions are public; of compounds it has those that the caller may read",
	"sheetTemplateCsv":          "headings only",
	"getIndicatorValues":        "the city's value, and of counties each caller's own: by the same code as tryIndicator, which is asked below",
	"listIndicators":            "the formulas are the same for everybody",
	"setIndicator":              "the city's office alone",
	"setIndicatorTarget":        "the city's office alone",
	"listCampaigns":             "campaigns are the city's; everybody learns from them",
	"setCampaign":               "the city's office alone",
	"listCampaignActivities":    "every county reads the activities of all (people/campaign)",
	"getCampaignActivity":       "every county reads the activities of all",
	"getPhoto":                  "photos of activities, which every county reads",
	"listInspectionForms":       "forms are the city's, and published ones public",
	"getInspectionForm":         "forms are the city's",
	"getInspectionXLSForm":      "forms are the city's",
	"listInspectionFormChanges": "forms are the city's",
	"getInspectionFormStarter":  "it is part of the program",
	"setInspectionForm":         "the city's office alone",
	"checkInspectionForm":       "the city's office alone",
	"readInspectionXLSForm":     "the city's office alone",
	"publishInspectionForm":     "the city's office alone, by a second person",
	"getOutlines":               "borders of counties are on every map",
	"getTiles":                  "where a county stands is on every map",
	"listTileChanges":           "where a county stands is on every map",
	"setTiles":                  "the city's office alone",
	"dropTiles":                 "the city's office alone",
	"listPlaceNames":            "names of divisions are public: they stand in the statistics bureau's lists",
	"checkOutlines":             "the city's office alone",
	"putOutlines":               "the city's office alone",
	"dropOutlines":              "the city's office alone",
	"streamEvents":              "events of other areas carry no more than that there was something",
	"listBulletins":             "what is issued is for everybody; drafts are filtered by their office (people/bulletin tests it)",
	"getIssuedBulletin":         "what is issued is for everybody, in the edition that the place allows; a draft is asked below",
	"listBulletinOffices":       "each caller's own offices",
	"getBulletinStarter":        "it is part of the program",

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
