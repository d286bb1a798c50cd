package bulletin_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// counted says a number that changes when somebody has a correction: what is known of a day after its close is another number.
type counted struct {
	clock place.Clock
	late  *time.Time // when it became known that there are 931
}

func (c counted) Compose(_ context.Context, ask bulletin.Ask) (bulletin.Composed, error) {
	n := "930"
	if c.late != nil && !ask.Of.Known.Before(*c.late) {
		n = "931"
	}
	d := paper.Document{Lang: ask.Lang, Title: "通报", Under: ask.Of.Day.String(), Date: ask.Of.Day.String(), Blocks: []paper.Block{
		{Note: "内部资料"}, {Section: "overview", Heading: "一、总体情况"}, {Paragraph: "已联网" + n}, {Section: "late", Heading: "五、督促"}, {Note: "注"},
	}}
	if !ask.Public {
		d.Blocks[2].Pieces = []paper.Piece{{Text: "已联网"}, {Text: n, Figure: true, Ref: &paper.Ref{Figure: "networked", Known: ask.Of.Known.Format(time.RFC3339Nano)}}}
		d.Blocks[4] = paper.Block{Paragraph: "金阳花园"}
	}
	return bulletin.Composed{Document: d, Dated: ask.Dated.String(), Figures: []bulletin.Figure{{Key: "networked", Label: "已联网", Text: n}}}, nil
}

// city is Linyi with two counties, on 2017-09-28.
type city struct {
	*bulletin.Service
	apitest.Page
	t                *testing.T
	db               *store.DB
	now              *time.Time
	late             *time.Time
	city, one, other place.ID
}

func newCity(t *testing.T, db *store.DB) *city {
	t.Helper()
	ctx := t.Context()
	now := time.Date(2017, 9, 28, 9, 0, 0, 0, time.FixedZone("", 8*3600))
	c := &city{t: t, db: db, now: &now, late: new(time.Time)}
	*c.late = now.AddDate(1, 0, 0)
	clock := place.Clock{Now: func() time.Time { now = now.Add(time.Millisecond + time.Nanosecond); return now }}
	places, err := place.New(ctx, db, place.Options{Clock: clock})
	must(t, err)
	found := func(l place.Level, parent place.ID, name string) place.ID {
		list, err := places.Found(ctx, "op", []place.NewPlace{{Level: l, Parent: parent, Name: name, From: place.Date(2017, 4, 1)}})
		must(t, err)
		return list[0].Place
	}
	c.city = found(place.City, "", "临沂市")
	c.one, c.other = found(place.County, c.city, "兰山区"), found(place.County, c.city, "罗庄区")
	c.Service, err = bulletin.New(ctx, db, bulletin.Options{Clock: clock, Places: places, Composer: counted{clock, c.late}})
	must(t, err)
	office := func(role string, at place.ID) []string {
		return []string{bulletin.MayRead, bulletin.MayDraft, bulletin.MayReview, bulletin.MayIssue, apitest.At(role, at)}
	}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"li": office("county-office", c.one), "zhang": office("county-office", c.one), "wang": office("county-office", c.other), "chen": office("city-office", c.city),
		"guard": {bulletin.MayRead, apitest.At("guard", "elsewhere")},
	}})
	must(t, server.Add(c.Service, places))
	c.Page = apitest.Page{T: t, HTTP: server.Handler()}
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const today = "2017-09-27"

func day(s string) place.Day {
	d, err := place.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// issued takes a bulletin of Lanshan all the way.
func (c *city) issued(corrects bulletin.ID, words bulletin.Words) bulletin.Bulletin {
	c.t.Helper()
	ctx := c.t.Context()
	b, err := c.Begin(ctx, "li", c.one, words, corrects)
	must(c.t, err)
	b, err = c.Review(ctx, "zhang", b.Version, b.ID, "")
	must(c.t, err)
	b, err = c.Issue(ctx, "li", b.Version, b.ID)
	must(c.t, err)
	return b
}

func TestADraftIsReviewedByAnotherAndIssuedForGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCity(t, db)
		ctx := t.Context()
		b, err := c.Begin(ctx, "li", c.one, bulletin.Words{Day: day(today), Added: []bulletin.Addition{{After: "overview", Heading: "（一）", Text: "已联网{networked}个。"}}}, "")
		must(t, err)
		if b.State != bulletin.Draft || b.Since != day("2017-08-27") {
			t.Fatalf("%+v", b)
		}
		if _, err := c.Review(ctx, "li", b.Version, b.ID, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("li reviews the own: %v", err)
		}
		if _, err := c.Issue(ctx, "li", b.Version, b.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("issued without a review: %v", err)
		}
		b, err = c.Review(ctx, "zhang", b.Version, b.ID, "缺少联网情况")
		must(t, err)
		if b.State != bulletin.Draft || b.SentBack == "" {
			t.Errorf("%+v", b)
		}
		old := b.Version
		b, err = c.Write(ctx, "li", b.Version, b.ID, b.Words)
		must(t, err)
		if _, err := c.Write(ctx, "li", old, b.ID, b.Words); fault.KindOf(err) != fault.Stale {
			t.Errorf("an update is lost: %v", err)
		}
		b, err = c.Review(ctx, "zhang", b.Version, b.ID, "")
		must(t, err)
		// What becomes known after the review changes nothing of what was reviewed.
		*c.late = c.now.Add(time.Minute)
		*c.now = c.now.Add(time.Hour)
		b, err = c.Issue(ctx, "li", b.Version, b.ID)
		must(t, err)
		if b.State != bulletin.Issued || b.Number != "兰山区综治通报〔2017〕1号" || b.On != day("2017-09-28") {
			t.Errorf("%+v", b)
		}
		for _, err := range []error{
			second(c.Write(ctx, "li", b.Version, b.ID, b.Words)), c.Drop(ctx, "li", b.Version, b.ID), second(c.Review(ctx, "zhang", b.Version, b.ID, "")), second(c.Issue(ctx, "li", b.Version, b.ID)),
		} {
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("an issued one is touched: %v", err)
			}
		}
		var told place.TracesOutput
		c.Do(200, "li", "GET", "/api/bulletins/"+string(b.ID)+"/changes", "", &told.Body)
		var acts []string
		for _, x := range told.Body.Changes {
			acts = append(acts, x.By+" "+x.Act)
		}
		if got := strings.Join(acts, ", "); got != "li issued, zhang reviewed, li changed, zhang sent-back, li added" || told.Body.Changes[3].Note != "缺少联网情况" {
			t.Errorf("its history: %s %+v", got, told.Body.Changes)
		}
		c.Do(403, "wang", "GET", "/api/bulletins/"+string(b.ID)+"/changes", "", nil)
		next := c.issued("", bulletin.Words{Day: day("2017-09-28")})
		if next.Number != "兰山区综治通报〔2017〕2号" || next.Since != day(today) {
			t.Errorf("%+v", next)
		}
	})
}

func second(_ bulletin.Bulletin, err error) error { return err }

func TestACorrectionNamesWhatItCorrects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCity(t, db)
		ctx := t.Context()
		first := c.issued("", bulletin.Words{Day: day(today)})
		*c.late = *c.now // somebody finds one more
		next := c.issued(first.ID, bulletin.Words{})
		if next.CorrectsNumber != first.Number || next.Day != first.Day {
			t.Errorf("%+v", next)
		}
		was, err := c.Bulletin(ctx, first.ID)
		must(t, err)
		if was.CorrectedBy != next.ID || was.Hash != first.Hash {
			t.Errorf("%+v", was)
		}
		var said, before string
		c.Do(200, "li", "GET", "/api/bulletins/"+string(next.ID)+"/file?format=txt", "", &said)
		c.Do(200, "li", "GET", "/api/bulletins/"+string(first.ID)+"/file?format=txt", "", &before)
		if !strings.Contains(said, "本通报更正兰山区综治通报〔2017〕1号") || !strings.Contains(said, "已联网：原为930，更正为931。") || strings.Contains(before, "931") {
			t.Errorf("%s\n%s", said, before)
		}
		if _, err := c.Begin(ctx, "li", c.one, bulletin.Words{}, first.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("corrected twice: %v", err)
		}
	})
}

// The files of an issued bulletin are the very bytes that were frozen, whoever renders what later.
func TestIssuedFilesAreFrozen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCity(t, db)
		ctx := t.Context()
		b := c.issued("", bulletin.Words{Day: day(today)})
		*c.late = c.now.AddDate(-1, 0, 0) // everything is told otherwise now
		_, err := c.SetOffice(ctx, "li", 0, c.one, bulletin.OfficeWords{Prefix: "兰综治发", Signer: "兰山区综治委", First: 8})
		var told string
		c.Do(200, "zhang", "GET", "/api/bulletin-offices/"+string(c.one)+"/changes", "", &told)
		if !strings.Contains(told, `"field":"prefix","is":"兰综治发"`) || !strings.Contains(told, `"by":"li"`) {
			t.Error(told)
		}
		must(t, err)
		_, err = c.SetTemplate(ctx, "li", 1, c.one, "红头.docx", paper.Starter())
		must(t, err)
		var text string
		if c.Do(200, "li", "GET", "/api/bulletins/"+string(b.ID)+"/file?format=txt", "", &text); !strings.Contains(text, b.Number) || !strings.HasSuffix(text, "2017-09-28\n") {
			t.Errorf("without its number and date: %s", text)
		}
		for _, edition := range []string{"office", "public"} {
			files, err := c.Files(ctx, b.ID, edition, "zh")
			must(t, err)
			if len(files) != 5 {
				t.Errorf("%+v", files)
			}
			for _, f := range files {
				var got string
				c.Do(200, "li", "GET", "/api/bulletins/"+string(b.ID)+"/file?format="+f.Format+"&edition="+edition, "", &got)
				sum := sha256.Sum256([]byte(got))
				if hex.EncodeToString(sum[:]) != f.Hash || len(got) != f.Size {
					t.Errorf("%s %s is not what was frozen", edition, f.Format)
				}
			}
		}
		next := c.issued("", bulletin.Words{Day: day("2017-09-28")})
		if next.Number != "兰综治发〔2017〕8号" {
			t.Error(next.Number)
		}
		var word string
		c.Do(200, "li", "GET", "/api/bulletins/"+string(next.ID)+"/file?format=docx", "", &word)
		if !strings.HasPrefix(word, "PK") {
			t.Errorf("%.20q", word)
		}
	})
}

// The fixed text of an office's own template is issued with the bulletin, so it is part of what was reviewed.
func TestAnotherTemplateIsReviewedAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCity(t, db)
		ctx := t.Context()
		b, err := c.Begin(ctx, "li", c.one, bulletin.Words{Day: day(today)}, "")
		must(t, err)
		b, err = c.Review(ctx, "zhang", b.Version, b.ID, "")
		must(t, err)
		office, err := c.SetTemplate(ctx, "li", 0, c.one, "红头.docx", paper.Starter())
		must(t, err)
		if _, err := c.Issue(ctx, "li", b.Version, b.ID); fault.CodeOf(err) != "bulletin.says-otherwise" {
			t.Fatalf("issued in a template that nobody has reviewed: %v", err)
		}
		office, err = c.SetTemplate(ctx, "li", office.Version, c.one, "", nil)
		must(t, err)
		// What stands before the number is read in the head of the paper.
		words := office.OfficeWords
		for _, change := range []func(*bulletin.OfficeWords){func(w *bulletin.OfficeWords) { w.Prefix = "另一发" }, func(w *bulletin.OfficeWords) { w.First = 80 }} {
			other := words
			change(&other)
			office, err = c.SetOffice(ctx, "li", office.Version, c.one, other)
			must(t, err)
			if _, err := c.Issue(ctx, "li", b.Version, b.ID); fault.CodeOf(err) != "bulletin.says-otherwise" {
				t.Fatalf("issued under a number that nobody has reviewed: %v", err)
			}
		}
		_, err = c.SetOffice(ctx, "li", office.Version, c.one, words)
		must(t, err)
		if b, err = c.Issue(ctx, "li", b.Version, b.ID); err != nil || b.State != bulletin.Issued {
			t.Errorf("%s %v", b.State, err)
		}
	})
}

func TestWhoReadsWhat(t *testing.T) {
	c := newCity(t, storetest.SQLite(t))
	draft, err := c.Begin(t.Context(), "li", c.one, bulletin.Words{Day: day(today)}, "")
	must(t, err)
	path := "/api/bulletins/" + string(draft.ID)
	var page struct {
		Edition   string
		Own, Mine bool
		Document  paper.Document
		Written   struct{ By string }
	}
	c.Do(200, "li", "GET", path, "", &page)
	if page.Edition != "office" || !page.Own || !page.Mine || page.Written.By != "li" {
		t.Errorf("%+v", page)
	}
	for _, who := range []string{"wang", "chen", "guard"} { // a draft is its office's alone
		c.Do(403, who, "GET", path, "", nil)
		c.Do(403, who, "GET", path+"/file?format=md", "", nil)
	}
	var list struct{ Bulletins []bulletin.Bulletin }
	c.Do(200, "chen", "GET", "/api/bulletins", "", &list)
	if len(list.Bulletins) != 0 {
		t.Errorf("%+v", list)
	}
	c.Do(403, "li", "POST", path+"/review", "{}", nil, "If-Match", `"1"`)
	c.Do(422, "zhang", "POST", path+"/review", "{}", nil)
	c.Do(200, "zhang", "POST", path+"/review", "{}", nil, "If-Match", `"1"`)
	c.Do(403, "wang", "POST", path+"/issue", "", nil, "If-Match", `"2"`)
	c.Do(200, "li", "POST", path+"/issue", "", nil, "If-Match", `"2"`)
	for who, edition := range map[string]string{"wang": "public", "guard": "public", "chen": "office", "zhang": "office"} {
		c.Do(200, who, "GET", path, "", &page)
		var text string
		c.Do(200, who, "GET", path+"/file?format=txt", "", &text)
		if named := strings.Contains(text, "金阳花园"); page.Edition != edition || named != (edition == "office") {
			t.Errorf("%s reads the %s edition: %s", who, page.Edition, text)
		}
		if edition == "public" && page.Written.By != "" {
			t.Errorf("%s learns who wrote it", who)
		}
	}
	c.Do(401, "nobody", "GET", path, "", nil)
}

func TestWhatAnOfficeMayWrite(t *testing.T) {
	c := newCity(t, storetest.SQLite(t))
	begin := func(words string) (reply string) {
		c.Do(422, "li", "POST", "/api/bulletins", fmt.Sprintf(`{"office":%q,%s}`, c.one, words), &reply)
		return reply
	}
	for words, want := range map[string]string{
		`"day":"2017-10-01"`: "不能晚于今日", `"day":"2017-09-27","since":"2017-09-27"`: "对比日期",
		`"day":"2017-09-27","added":[{"after":"end","text":"已联网{networkd}个"}]`: "networkd",
		`"day":"2017-09-27","added":[{"after":"end","text":"请致电13800138000"}]`: "电话",
		`"day":"2017-09-27","added":[{"after":"end","text":""}]`:               "added[0].text",
	} {
		if got := begin(words); !strings.Contains(got, want) {
			t.Errorf("%s: %s", words, got)
		}
	}
	var reply string
	c.Do(422, "li", "PUT", "/api/bulletin-offices/"+string(c.one)+"/template?name=a.docx", "no zip", &reply, "Content-Type", "application/octet-stream")
	if !strings.Contains(reply, "Word") {
		t.Error(reply)
	}
	c.Do(422, "li", "PUT", "/api/bulletin-offices/"+string(c.one), `{"prefix":"兰综治〔2017〕","signer":"兰山区综治委","first":0}`, nil)
	c.Do(403, "wang", "PUT", "/api/bulletin-offices/"+string(c.one), `{"prefix":"兰综治","signer":"兰山区综治委","first":0}`, nil)
	c.Do(200, "guard", "GET", "/api/bulletin-starter", "", &reply)
	if _, err := paper.ReadTemplate([]byte(reply)); err != nil {
		t.Error(err)
	}
	if !bytes.HasPrefix([]byte(reply), []byte("PK")) {
		t.Error("no file")
	}
}
