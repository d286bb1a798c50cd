package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// languages: Chinese first; it is also what is spoken to a reader of neither.
var languages = []string{"zh", "en"}

// words are the sentences of all rooms.
type words struct {
	zone    *time.Location
	byLang  map[string]map[string]string
	matcher language.Matcher
}

func newWords(zone *time.Location) *words {
	return &words{
		zone: zone, byLang: map[string]map[string]string{"zh": {}, "en": {}},
		matcher: language.NewMatcher([]language.Tag{language.Chinese, language.English}),
	}
}

// placeholder is {name}, or {name:day|days}: the first word where the value is 1, the second elsewhere. Chinese has no
// use for it.
var placeholder = regexp.MustCompile(`\{([a-zA-Z0-9_]+)(?::([^{}|]*)\|([^{}|]*))?\}`)

// add takes zh.json and en.json. Both must have the same codes with the same {names}.
func (w *words) add(fsys fs.FS) error {
	got := map[string]map[string]string{}
	for _, lang := range languages {
		raw, err := fs.ReadFile(fsys, lang+".json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, ptr(got, lang)); err != nil {
			return fmt.Errorf("%s.json: %w", lang, err)
		}
	}
	var errs []error
	for _, code := range slices.Sorted(maps.Keys(union(got["zh"], got["en"]))) {
		zh, en := got["zh"][code], got["en"][code]
		switch {
		case zh == "" || en == "":
			errs = append(errs, fmt.Errorf("the sentence %q is missing in zh.json or en.json", code))
		case names(zh) != names(en):
			errs = append(errs, fmt.Errorf("the sentence %q has {%s} in zh.json and {%s} in en.json", code, names(zh), names(en)))
		case w.byLang["zh"][code] != "" && (w.byLang["zh"][code] != zh || w.byLang["en"][code] != en):
			errs = append(errs, fmt.Errorf("the sentence %q is another room's already", code))
		}
		w.byLang["zh"][code], w.byLang["en"][code] = zh, en
	}
	return errors.Join(errs...)
}

func ptr(m map[string]map[string]string, lang string) *map[string]string {
	m[lang] = map[string]string{}
	inner := m[lang]
	return &inner
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func names(text string) string {
	found := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ",")
}

// pick chooses the language by Accept-Language.
func (w *words) pick(accept string) string {
	switch {
	case accept == "", strings.HasPrefix(accept, "zh"): // nearly all requests
		return "zh"
	case len(accept) > 1000: // parsing is not linear, and no browser sends this
		return "zh"
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return "zh"
	}
	_, i, confidence := w.matcher.Match(tags...)
	if confidence == language.No {
		return "zh"
	}
	return languages[i]
}

// say fills in a sentence. ok is false when there is none for the code.
func (w *words) say(lang, code string, args map[string]any) (text string, ok bool) {
	text, ok = w.byLang[lang][code]
	if !ok {
		return "", false
	}
	return placeholder.ReplaceAllStringFunc(text, func(whole string) string {
		m := placeholder.FindStringSubmatch(whole)
		v, known := args[m[1]]
		switch {
		case !known:
			return "?" // better than braces in front of a guard
		case len(whole) == len(m[1])+2:
			return w.show(lang, v)
		case fmt.Sprint(v) == "1":
			return m[2]
		}
		return m[3]
	}), true
}

// show writes a value as people do.
func (w *words) show(lang string, v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.In(w.zone).Format("2006-01-02 15:04:05")
	case time.Duration:
		return showDuration(lang, v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []string:
		if lang == "zh" {
			return strings.Join(v, "、")
		}
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(v)
}

func showDuration(lang string, d time.Duration) string {
	unit := func(n time.Duration, zh, en string) string {
		if lang == "zh" {
			return fmt.Sprintf("%d %s", n, zh)
		}
		if n == 1 {
			return fmt.Sprintf("1 %s", en)
		}
		return fmt.Sprintf("%d %ss", n, en)
	}
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return unit(d/(24*time.Hour), "天", "day")
	case d >= time.Hour && d%time.Hour == 0:
		return unit(d/time.Hour, "小时", "hour")
	case d >= time.Minute && d%time.Minute == 0, d >= 10*time.Minute:
		return unit(d.Round(time.Minute)/time.Minute, "分钟", "minute")
	case d >= time.Second:
		return unit(d.Round(time.Second)/time.Second, "秒", "second")
	}
	return unit(d.Round(time.Millisecond)/time.Millisecond, "毫秒", "millisecond")
}
