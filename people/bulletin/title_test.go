package bulletin_test

import (
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// An office's own title stands in the draft, in the issued one and in its files, in each language its own; a correction keeps it.
func TestAnOfficeGivesItsOwnTitle(t *testing.T) {
	const own, english = "关于九月份创建工作情况的通报", "On the work of September"
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCity(t, db)
		ctx := t.Context()
		b, err := c.Begin(ctx, "li", c.one, bulletin.Words{Day: day(today)}, "")
		must(t, err)
		get := func(path, lang string) (got string) {
			c.Do(200, "li", "GET", path, "", &got, "Accept-Language", lang)
			return got
		}
		if got := get("/api/bulletins/"+string(b.ID), "zh"); !strings.Contains(got, `"title":"通报"`) {
			t.Errorf("the computed title is gone: %s", got)
		}
		words := b.Words
		words.Title, words.InEn = " "+own+" ", english
		b, err = c.Write(ctx, "li", b.Version, b.ID, words)
		must(t, err)
		if b.Title != own || b.InEn != english {
			t.Errorf("%+v", b.Words)
		}
		// A change of nothing but the title is told as one.
		var told struct {
			Changes []place.Trace `json:"changes"`
		}
		c.Do(200, "li", "GET", "/api/bulletins/"+string(b.ID)+"/changes", "", &told)
		if len(told.Changes) == 0 || !slices.Equal(told.Changes[0].Turns, []place.Turn{{Field: "title", Is: own}, {Field: "title_en", Is: english}}) {
			t.Errorf("%+v", told)
		}
		words.Title = strings.Repeat("长", 61)
		if _, err := c.Write(ctx, "li", b.Version, b.ID, words); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a title of 61 characters: %v", err)
		}
		b, err = c.Review(ctx, "zhang", b.Version, b.ID, "")
		must(t, err)
		b, err = c.Issue(ctx, "li", b.Version, b.ID)
		must(t, err)
		path := "/api/bulletins/" + string(b.ID)
		if got := get(path, "zh"); strings.Count(got, own) < 2 {
			t.Errorf("the issued one is not titled so: %s", got)
		}
		for _, format := range []string{"md", "txt", "json"} {
			if got := get(path+"/file?format="+format, "zh"); !strings.Contains(got, own) {
				t.Errorf("%s is not titled so: %s", format, got)
			}
			if got := get(path+"/file?format="+format, "en"); !strings.Contains(got, english) || strings.Contains(got, own) {
				t.Errorf("%s in English: %s", format, got)
			}
		}
		next, err := c.Begin(ctx, "li", c.one, bulletin.Words{}, b.ID)
		must(t, err)
		if next.Title != own || next.InEn != english {
			t.Errorf("the correction is titled %q, %q", next.Title, next.InEn)
		}
	})
}
