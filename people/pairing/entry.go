package pairing

import (
	"linli.dev/linli/people/place"
)

// EntryID names an entry of money.
type EntryID string

// EntryKind is what money did.
type EntryKind string

// The life of help money: a pledge is promised, a receipt is in place, a spend
// is paid, a disclosure makes a spend public.
const (
	Pledge     EntryKind = "pledge"
	Receipt    EntryKind = "receipt"
	Spend      EntryKind = "spend"
	Disclosure EntryKind = "disclosure"
)

// Entry is an amount that did something, or was taken back.
type Entry struct {
	ID       EntryID   `json:"id"`
	Pairing  ID        `json:"pairing"`
	Compound place.ID  `json:"compound"`
	Kind     EntryKind `json:"kind" enum:"pledge,receipt,spend,disclosure"`
	Fen      int64     `json:"fen" doc:"Above 0; below 0 only where it takes back another entry, whole"`
	place.Moment
	Reverses EntryID    `json:"reverses,omitempty" doc:"The entry that it takes back"`
	Corrects EntryID    `json:"corrects,omitempty" doc:"The entry for which it stands: taken back with it, in the same act"`
	Of       EntryID    `json:"of,omitempty" doc:"Of a disclosure: the spend that it makes public, whole"`
	Due      place.Day  `json:"due,omitempty" doc:"Of a pledge: the last day on which it is to be in place; left out: none was agreed"`
	Became   place.Sort `json:"became,omitempty" doc:"Of a spend: the sort of protection that the money became"`
	Number   int        `json:"number,omitempty" doc:"Of a spend: how many"`
	Voucher  string     `json:"voucher,omitempty" doc:"Number of the voucher"`
	Note     string     `json:"note,omitempty"`
	By       string     `json:"by"`
}

// mostFen is a hundred million yuan: more is a slip of the pen.
const mostFen = 100_000_000 * 100

const mostPieces = 10_000

func (e *Entry) check() (p place.Problems) {
	p.Text("voucher", e.Voucher, 40, false)
	p.Text("note", e.Note, 200, e.Kind == Spend) // what it was for
	switch e.Kind {
	case Pledge, Receipt, Spend, Disclosure:
	default:
		p.Add("kind", "pairing.field.kind")
	}
	if e.Fen <= 0 || e.Fen > mostFen {
		p.Add("fen", "pairing.field.fen")
	}
	if e.About == 0 {
		p.Add("from", "place.field.required")
	}
	if e.Due != 0 && e.Due < e.About {
		p.Add("due", "place.field.order")
	}
	if kind := e.Became.Kind(); e.Became != "" && kind != place.Physical && kind != place.Technical {
		p.Add("became", "pairing.field.became")
	}
	if e.Number < 0 || e.Number > mostPieces || e.Number > 0 && e.Became == "" {
		p.Add("number", "pairing.field.number", "most", mostPieces)
	}
	return p
}

// only keeps what an entry of its kind can say.
func (e *Entry) only() {
	if e.Kind != Pledge {
		e.Due = 0
	}
	if e.Kind != Spend {
		e.Became, e.Number = "", 0
	}
	if e.Kind != Disclosure {
		e.Of = ""
	}
}

// Reversal is the entry that takes e back. It is about a day no earlier than
// e's own, so that no question sees it without seeing e.
func (e *Entry) Reversal(about place.Day, note string) (Entry, place.Problems) {
	var p place.Problems
	p.Text("note", note, 200, true)
	if e.Fen < 0 {
		p.Add("id", "pairing.reverse.reversal")
	}
	if about < e.About {
		p.Add("from", "pairing.reverse.earlier")
	}
	out := *e
	out.ID, out.Fen, out.Moment, out.Reverses, out.Voucher, out.Note, out.By = "", -e.Fen, place.Moment{About: about}, e.ID, "", note, ""
	out.Number, out.Corrects = -e.Number, ""
	return out, p
}
