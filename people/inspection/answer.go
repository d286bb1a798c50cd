package inspection

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/people/place"
)

const yes, no = "yes", "no"

// yesNo are the two answers as choices.
var yesNo = []Choice{{yes, Words{"是", "Yes"}, 100}, {no, Words{"否", "No"}, 0}}

// Mend is what an inspector asks for where something is lacking.
type Mend struct {
	What string    `json:"what,omitempty" doc:"What is to be done"`
	Unit string    `json:"unit,omitempty" doc:"The unit that is to do it"`
	Due  place.Day `json:"due,omitempty" doc:"The last day in time; left out: the form's"`
}

// Answer is what one inspector says of one item.
type Answer struct {
	ID       string    `json:"id" doc:"Made by the phone: sent twice, it is kept once" example:"b7e2f0c2-6f0d-4c1e-9d83-5b1c64f1a2d7"`
	Item     string    `json:"item"`
	Value    string    `json:"value,omitempty" doc:"yes or no; a choice's name; points; a number; words. Empty: taken back, or not applicable"`
	NA       bool      `json:"not_applicable,omitempty"`
	Reason   string    `json:"reason,omitempty" doc:"Why it does not apply"`
	Note     string    `json:"note,omitempty"`
	Photos   []string  `json:"photos,omitempty" maxItems:"6" doc:"Ids that the phone gave to the photos; they may arrive before or after the answer"`
	Mend     *Mend     `json:"mend,omitempty"`
	Replaces []string  `json:"replaces,omitempty" maxItems:"20" doc:"Ids of the answers to this item that were on the page: those of others too, if they were seen"`
	At       time.Time `json:"at" doc:"By the phone's clock; it only orders one person's own answers"`
	By       string    `json:"by,omitempty" readOnly:"true"`
	Known    time.Time `json:"known,omitzero" readOnly:"true"`
}

var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

func (a *Answer) tidy() {
	a.Value, a.Reason, a.Note = place.Tidy(a.Value), place.Tidy(a.Reason), place.Tidy(a.Note)
	if a.Mend != nil {
		m := Mend{place.Tidy(a.Mend.What), place.Tidy(a.Mend.Unit), a.Mend.Due}
		if a.Mend = &m; m == (Mend{}) {
			a.Mend = nil
		}
	}
	a.Photos, a.Replaces = slices.Clone(a.Photos), slices.Clone(a.Replaces)
	a.At = a.At.UTC().Truncate(time.Microsecond)
}

// Empty: it only takes back what was said.
func (a *Answer) Empty() bool { return a.Value == "" && !a.NA && len(a.Photos) == 0 }

// check says what is wrong with an answer to an item of this form.
func (f *FormWords) checkAnswer(a *Answer) (p place.Problems) {
	if !clientID.MatchString(a.ID) {
		p.Add("id", "inspection.answer.id")
	}
	for _, id := range append(slices.Clone(a.Photos), a.Replaces...) {
		if !clientID.MatchString(id) {
			p.Add("photos", "inspection.answer.id")
		}
	}
	if len(a.Photos) > mostPhotos {
		p.Add("photos", "inspection.answer.photos", "most", mostPhotos)
	}
	p.Text("reason", a.Reason, longNote, a.NA)
	p.Text("note", a.Note, longNote, false)
	p.Text("value", a.Value, longNote, false)
	if a.Mend != nil {
		p.Ask("mend.what", a.Mend.What, longNote, false)
		p.Text("mend.unit", a.Mend.Unit, longUnit, false)
	}
	it := f.item(a.Item)
	if it == nil || it.Kind == Note {
		p.Add("item", "inspection.answer.item", "name", a.Item)
		return p
	}
	if len(a.Photos) > 0 && it.Photo == "" && it.Kind != Photo {
		p.Add("photos", "inspection.answer.no-photo")
	}
	switch {
	case a.NA && !it.MayNot:
		p.Add("not_applicable", "inspection.answer.must-apply")
	case a.NA && a.Value != "":
		p.Add("value", "inspection.answer.both")
	case !a.NA && a.Value != "" && !it.takes(a.Value):
		p.Add("value", "inspection.answer.value")
	}
	return p
}

// takes reports whether a value answers an item.
func (it *Item) takes(v string) bool {
	switch it.Kind {
	case YesNo:
		return v == yes || v == no
	case Choose:
		return it.choice(v) != nil
	case Text:
		return true
	case Give, Integer, Decimal:
		n, ok := hundredths(v)
		if !ok || it.Kind != Decimal && n%100 != 0 {
			return false
		}
		if it.Kind == Give {
			return n >= 0 && n <= int64(it.Weight)*100
		}
		within := func(bound string, sign int64) bool {
			b, ok := hundredths(bound)
			return !ok || (n-b)*sign >= 0
		}
		return within(it.Least, 1) && within(it.Most, -1)
	}
	return false
}

// Settled is where the answers to an item stand.
type Settled struct {
	Item    string   `json:"item"`
	Answers []Answer `json:"answers" doc:"What stands now: one, or one of each inspector who has not seen the other's"`
	Differ  bool     `json:"differ" doc:"They say different things: who has seen them all settles it by an answer that replaces them"`
	// Answer is what holds: the words of the newest, the photos of all.
	Answer Answer `json:"answer"`
}

// Settle finds what stands of everything that was sent, in whatever order it
// came: of each inspector the last answer to an item, but those that somebody
// else saw and replaced.
func Settle(sent []Answer) map[string]Settled {
	type key struct{ item, by string }
	mine := map[key]Answer{}
	replaced := map[string]bool{}
	for _, a := range sent {
		k := key{a.Item, a.By}
		if last, ok := mine[k]; !ok || newer(&a, &last) {
			mine[k] = a
		}
	}
	items := map[string][]Answer{}
	for k, a := range mine {
		items[k.item] = append(items[k.item], a)
	}
	// What was replaced is replaced by whatever anybody sent, also by what they have bettered themselves since.
	for _, a := range sent {
		for _, id := range a.Replaces {
			if id != a.ID {
				replaced[id] = true
			}
		}
	}
	out := map[string]Settled{}
	for item, list := range items {
		slices.SortFunc(list, func(a, b Answer) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
		heads := slices.DeleteFunc(slices.Clone(list), func(a Answer) bool { return replaced[a.ID] })
		if slices.ContainsFunc(heads, func(a Answer) bool { return !a.Empty() }) { // what was taken back differs from nothing
			heads = slices.DeleteFunc(heads, func(a Answer) bool { return a.Empty() })
		}
		if len(heads) == 0 { // only ids made up beforehand can replace each other in a ring
			heads = list
		}
		s := Settled{Item: item, Answers: heads, Answer: heads[0]}
		for _, a := range heads[1:] {
			s.Differ = s.Differ || a.Value != heads[0].Value || a.NA != heads[0].NA
			for _, ph := range a.Photos {
				if !slices.Contains(s.Answer.Photos, ph) {
					s.Answer.Photos = append(slices.Clone(s.Answer.Photos), ph)
				}
			}
			if s.Answer.Note == "" {
				s.Answer.Note = a.Note
			}
			if s.Answer.Mend == nil {
				s.Answer.Mend = a.Mend
			}
		}
		out[item] = s
	}
	return out
}

func newer(a, b *Answer) bool {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) > 0
}

// Digest stands for what all answers say together: who signs, signs this.
func Digest(settled map[string]Settled) string {
	type line struct {
		Item  string
		Heads []string // ids: an answer never changes
	}
	lines := make([]line, 0, len(settled))
	for item, s := range settled {
		l := line{Item: item}
		for _, a := range s.Answers {
			l.Heads = append(l.Heads, a.ID)
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.Item, b.Item) })
	raw, _ := json.Marshal(lines) // strings: it cannot fail
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

// Lacking says what is still to be done before anybody can sign: items without
// an answer, with different ones, with photos that are required or yet to come.
func (f *FormWords) Lacking(settled map[string]Settled, arrived func(photo string) bool) (p place.Problems) {
	said := values(settled)
	for i := range f.Sections {
		for j := range f.Sections[i].Items {
			it := &f.Sections[i].Items[j]
			s, answered := settled[it.Name]
			a := &s.Answer
			if answered && s.Differ {
				p.Add(it.Name, "inspection.lacking.differ")
			}
			for _, ph := range a.Photos {
				if !arrived(ph) {
					p.Add(it.Name, "inspection.lacking.photo-to-come")
					break
				}
			}
			if !f.asked(it, said) || it.Kind == Note || a.NA {
				continue
			}
			value := a.Value != "" || it.Kind == Photo && len(a.Photos) > 0
			if !value && (it.Weight > 0 || it.Required || it.Veto) {
				p.Add(it.Name, "inspection.lacking.answer")
			} else if value && it.Photo == "required" && len(a.Photos) == 0 {
				p.Add(it.Name, "inspection.lacking.photo")
			}
		}
	}
	return p
}

// values are the answers that hold, by item.
func values(settled map[string]Settled) map[string]Answer {
	out := make(map[string]Answer, len(settled))
	for item, s := range settled {
		if !s.Answer.Empty() {
			out[item] = s.Answer
		}
	}
	return out
}

// asked reports whether an item is asked at all where these answers were given.
func (f *FormWords) asked(it *Item, said map[string]Answer) bool {
	for depth := 0; it.When != nil; depth++ {
		on := f.item(it.When.Item)
		if on == nil || depth > mostItems || said[it.When.Item].Value != it.When.Value {
			return false
		}
		it = on
	}
	return true
}
