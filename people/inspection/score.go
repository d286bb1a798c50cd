package inspection

import (
	"encoding/json"
	"math/big"

	"github.com/danielgtaylor/huma/v2"
)

// Result is what an inspection comes to.
type Result string

// The results.
const (
	Passed     Result = "pass"
	ToBeMended Result = "mend"
	Failed     Result = "fail"
)

// Points are hundredths of a point; in JSON they are a number, 92.5.
type Points int64

// MarshalJSON writes a number.
func (p Points) MarshalJSON() ([]byte, error) { return []byte(decimal(int64(p))), nil }

// UnmarshalJSON reads it again.
func (p *Points) UnmarshalJSON(b []byte) error {
	var f json.Number
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	n, ok := hundredths(f.String())
	if !ok {
		return &json.UnmarshalTypeError{Value: f.String()}
	}
	*p = Points(n)
	return nil
}

// Schema describes points to the API.
func (Points) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Examples: []any{92.5}}
}

// Line is what one item gave.
type Line struct {
	Item   string `json:"item"`
	Weight int    `json:"weight" doc:"Points of the form"`
	Of     Points `json:"of" doc:"Points that it could give here, with what others left over"`
	Points Points `json:"points"`
	State  string `json:"state" enum:"full,part,none,not-applicable,not-asked"`
	Veto   bool   `json:"veto,omitempty" doc:"It fails the inspection"`
}

// Part is what a section gave.
type Part struct {
	Section string `json:"section"`
	Weight  int    `json:"weight"`
	Of      Points `json:"of"`
	Points  Points `json:"points"`
}

// Outcome is a result with its reasons.
type Outcome struct {
	Result Result   `json:"result" enum:"pass,mend,fail"`
	Score  Points   `json:"score" doc:"Of 100"`
	Judged int      `json:"judged" doc:"Percent of the form's points that were judged"`
	Thin   bool     `json:"thin,omitempty" doc:"Too little was judged for a pass"`
	Vetoes []string `json:"vetoes,omitempty" doc:"Items that fail it whatever its score"`
	Parts  []Part   `json:"parts"`
	Lines  []Line   `json:"lines" doc:"Items with points, in order"`
}

// Lost lists the items that did not give all they could.
func (o *Outcome) Lost() []string {
	var out []string
	for _, l := range o.Lines {
		if l.State == "part" || l.State == "none" {
			out = append(out, l.Item)
		}
	}
	return out
}

// share is which part of its points an answer gives, from 0 to 1.
func (it *Item) share(v string) *big.Rat {
	switch it.Kind {
	case YesNo:
		if v == yes {
			return big.NewRat(1, 1)
		}
	case Choose:
		if c := it.choice(v); c != nil {
			return big.NewRat(int64(c.Share), 100)
		}
	case Give:
		if n, ok := hundredths(v); ok && it.Weight > 0 {
			return between(big.NewRat(n, int64(it.Weight)*100))
		}
	case Integer, Decimal:
		n, ok := hundredths(v)
		zero, ok0 := hundredths(it.Zero)
		full, ok1 := hundredths(it.Full)
		if ok && ok0 && ok1 && zero != full {
			return between(big.NewRat(n-zero, full-zero)) // Full may be the lower one: the fewer, the better
		}
	}
	return new(big.Rat)
}

func between(r *big.Rat) *big.Rat {
	switch one := big.NewRat(1, 1); {
	case r.Sign() < 0:
		return new(big.Rat)
	case r.Cmp(one) > 0:
		return one
	}
	return r
}

// Score computes the result of answers that stand.
//
// What does not apply, or was not asked, gives its points to the others of its
// section, in proportion; a section of which nothing applies gives its points to
// the other sections. Where too little is left to be judged it is no pass and no
// mend. An item without an answer gives nothing. All is reckoned in fractions;
// points are rounded down, so that nobody passes by rounding.
func (f *FormWords) Score(settled map[string]Settled) Outcome {
	said := values(settled)
	o := Outcome{Parts: []Part{}, Lines: []Line{}}
	applies := func(it *Item) (state string) {
		switch {
		case !f.asked(it, said):
			return "not-asked"
		case said[it.Name].NA && it.MayNot:
			return "not-applicable"
		}
		return ""
	}
	all, judged, standing := 0, 0, 0 // points of the form, of judged items, of sections with any
	live := make([]int, len(f.Sections))
	for i := range f.Sections {
		for j := range f.Sections[i].Items {
			it := &f.Sections[i].Items[j]
			all += it.Weight
			if applies(it) == "" {
				live[i] += it.Weight
			}
		}
		if judged += live[i]; live[i] > 0 {
			standing += weight(&f.Sections[i])
		}
	}
	total := new(big.Rat)
	for i := range f.Sections {
		s := &f.Sections[i]
		sum, per := new(big.Rat), new(big.Rat) // per: points that one point of weight is worth here
		if live[i] > 0 {
			per = big.NewRat(int64(weight(s))*allPoints, int64(standing)*int64(live[i]))
		}
		for j := range s.Items {
			it := &s.Items[j]
			state, share := applies(it), it.share(said[it.Name].Value)
			l := Line{Item: it.Name, Weight: it.Weight, State: state}
			if state == "" {
				of := new(big.Rat).Mul(per, big.NewRat(int64(it.Weight), 1))
				got := new(big.Rat).Mul(of, share)
				sum.Add(sum, got)
				l.Of, l.Points = floor(of), floor(got)
				switch {
				case share.Sign() == 0:
					l.State, l.Veto = "none", it.Veto
				case share.Cmp(big.NewRat(1, 1)) == 0:
					l.State = "full"
				default:
					l.State = "part"
				}
			}
			if l.Veto {
				o.Vetoes = append(o.Vetoes, it.Name)
			}
			if it.Weight > 0 || it.Veto {
				o.Lines = append(o.Lines, l)
			}
		}
		total.Add(total, sum)
		p := Part{Section: s.Name, Weight: weight(s), Points: floor(sum)}
		p.Of = floor(new(big.Rat).Mul(per, big.NewRat(int64(live[i]), 1)))
		o.Parts = append(o.Parts, p)
	}
	o.Score = floor(total)
	if all > 0 {
		o.Judged = judged * 100 / all
	}
	o.Thin = judged == 0 || judged*100 < f.Judged*all
	switch {
	case len(o.Vetoes) > 0 || o.Thin:
		o.Result = Failed
	case total.Cmp(big.NewRat(int64(f.Pass), 1)) >= 0:
		o.Result = Passed
	case total.Cmp(big.NewRat(int64(f.Mend), 1)) >= 0:
		o.Result = ToBeMended
	default:
		o.Result = Failed
	}
	return o
}

func weight(s *Section) (sum int) {
	for i := range s.Items {
		sum += s.Items[i].Weight
	}
	return sum
}

// floor rounds down to hundredths; r is not below 0.
func floor(r *big.Rat) Points {
	n := new(big.Int).Mul(r.Num(), big.NewInt(100))
	return Points(n.Div(n, r.Denom()).Int64())
}
