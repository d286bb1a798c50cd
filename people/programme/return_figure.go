package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Confirmation says of an odd thing about a return that it was looked at and is so.
type Confirmation struct {
	Path string `json:"path,omitempty" doc:"As checkReturn gave it"`
	Code string `json:"code"`
}

// returnFigureRow is a figure of a county as it was when a return was handed in.
type returnFigureRow struct {
	bun.BaseModel `bun:"table:return_figures"`

	Return ReturnID `bun:"return_id,pk"`
	Figure string   `bun:"figure,pk"`
	Value  int64    `bun:"value"`
}

// returnFindingRow is something odd about a return that was confirmed.
type returnFindingRow struct {
	bun.BaseModel `bun:"table:return_findings"`

	Return ReturnID `bun:"return_id,pk"`
	N      int      `bun:"n,pk"`
	Path   string   `bun:"path"`
	Code   string   `bun:"code"`
	Args   string   `bun:"args"`
}

// unconfirmed says which odd things about a return nobody has confirmed; nil: none.
func unconfirmed(op string, odd []Finding, said []Finding) error {
	f := fault.New(fault.Invalid, op, "programme.return.unconfirmed")
	for _, x := range odd {
		if !slices.ContainsFunc(said, func(c Finding) bool { return c.Path == x.Path && c.Code == x.Code }) {
			f.Fields = append(f.Fields, fault.At(x.Path, x.Code, x.args...))
		}
	}
	if len(f.Fields) == 0 {
		return nil
	}
	return f
}

// freeze keeps the county's figures of the moment with a return, and what was odd about it.
func (w *writing) freeze(ctx context.Context, id ReturnID, t *Tally, odd []Finding) error {
	figures := make([]returnFigureRow, 0, len(figureNames))
	for f, name := range figureNames {
		if name != "" { // how many compounds are weak is for staff, on the compounds' own pages
			figures = append(figures, returnFigureRow{Return: id, Figure: name, Value: t[f]})
		}
	}
	if err := insert(ctx, w.tx, figures); err != nil {
		return err
	}
	findings := make([]returnFindingRow, len(odd))
	for i, x := range odd {
		args := map[string]any{}
		for j := 0; j+1 < len(x.args); j += 2 {
			args[fmt.Sprint(x.args[j])] = x.args[j+1]
		}
		raw, err := json.Marshal(args)
		if err != nil {
			return err
		}
		findings[i] = returnFindingRow{Return: id, N: i, Path: x.Path, Code: x.Code, Args: string(raw)}
	}
	return insert(ctx, w.tx, findings)
}

// own reads the figures and the confirmed findings of returns into them. A return from before they were kept has none.
func (s *Service) own(ctx context.Context, ids []ReturnID, of func(ReturnID) *Return) error {
	var figures []returnFigureRow
	if err := s.db.NewSelect().Model(&figures).Where("return_id IN (?)", in(ids)).Scan(ctx); err != nil {
		return err
	}
	tallies := map[ReturnID]*Tally{}
	for _, f := range figures {
		if tallies[f.Return] == nil {
			tallies[f.Return] = &Tally{}
		}
		if i := slices.Index(figureNames[:], f.Figure); i >= 0 {
			tallies[f.Return][i] = f.Value
		}
	}
	for id, t := range tallies {
		n := t.Numbers()
		of(id).Figures = &n
	}
	var findings []returnFindingRow
	if err := s.db.NewSelect().Model(&findings).Where("return_id IN (?)", in(ids)).Order("return_id", "n").Scan(ctx); err != nil {
		return err
	}
	for _, f := range findings {
		var args map[string]any
		if err := json.Unmarshal([]byte(f.Args), &args); err != nil {
			return err
		}
		x := Finding{Path: f.Path, Code: f.Code}
		for k, v := range args {
			if n, ok := v.(float64); ok && n == float64(int64(n)) {
				v = int64(n)
			}
			x.args = append(x.args, k, v)
		}
		r := of(f.Return)
		r.Confirmed = append(r.Confirmed, x)
	}
	return nil
}

// sayFindings puts what was found into the caller's language.
func sayFindings(ctx context.Context, list []Finding) {
	v := api.VoiceOf(ctx)
	for i := range list {
		list[i].Says = v.Say(list[i].Code, list[i].args...)
	}
}

// oddFigures lists what is odd about the figures of a county: those that fall where they only grow as a rule, and more networked compounds than built ones.
func oddFigures(now *Numbers, earlier []Return, month place.Day, say func(path, code string, args ...any)) {
	if now.Networked > now.Built {
		say("figures", "programme.return.more-networked", "networked", now.Networked, "built", now.Built)
	}
	var last *Return
	for i := range earlier { // the newest month first
		e := &earlier[i]
		if e.Figures != nil && e.Month < month && (e.State == Approved || e.State == Unlocked) {
			last = e
			break
		}
	}
	if last == nil {
		return
	}
	was := last.Figures
	for _, x := range []struct {
		code    string
		was, is int64
	}{
		{"programme.return.falls-built", was.Built, now.Built},
		{"programme.return.falls-networked", was.Networked, now.Networked},
		{"programme.return.falls-channels", was.Channels, now.Channels},
	} {
		if x.is < x.was {
			say("figures", x.code, "month", last.Month.String()[:7], "was", x.was, "is", x.is)
		}
	}
	if now.Received < was.Received {
		say("figures", "programme.return.falls-received", "month", last.Month.String()[:7], "was", exactYuan(was.Received), "is", exactYuan(now.Received))
	}
}

// exactYuan writes fen with two decimals.
func exactYuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}
