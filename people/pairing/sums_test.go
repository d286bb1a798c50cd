package pairing

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

// Whatever is entered and taken back, in whatever order and about whatever days: no question ever sees less than nothing, more
// spent than received, more disclosed than spent, or the same spend disclosed twice.
func TestMoneyIsNeverBelowZeroNorSpentTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var book []Entry
		day := func(label string) place.Day { return place.Day(rapid.IntRange(1, 9).Draw(t, label)) }
		pick := func(label string) *Entry {
			if len(book) == 0 {
				return nil
			}
			return &book[rapid.IntRange(0, len(book)-1).Draw(t, label)]
		}
		refused := 0
		for i := range rapid.IntRange(1, 25).Draw(t, "acts") {
			var e Entry
			switch rapid.SampledFrom([]string{"pledge", "receipt", "receipt", "spend", "spend", "disclosure", "back", "back"}).Draw(t, "act") {
			case "back":
				was := pick("which")
				if was == nil || takenBack(book, was.ID) {
					continue
				}
				back, bad := was.Reversal(day("about"), "错记")
				if len(bad) > 0 {
					continue
				}
				e = back
			case "disclosure":
				was := pick("which")
				if was == nil {
					continue
				}
				e = Entry{Kind: Disclosure, Of: was.ID, Fen: was.Fen, Moment: place.Moment{About: day("about")}}
				if e.Fen < 0 {
					continue // the form does not take it
				}
			case "pledge":
				e = Entry{Kind: Pledge, Fen: int64(rapid.IntRange(1, 20).Draw(t, "fen")), Moment: place.Moment{About: day("about")}}
			case "receipt":
				e = Entry{Kind: Receipt, Fen: int64(rapid.IntRange(1, 20).Draw(t, "fen")), Moment: place.Moment{About: day("about")}}
			case "spend":
				e = Entry{Kind: Spend, Fen: int64(rapid.IntRange(1, 20).Draw(t, "fen")), Moment: place.Moment{About: day("about")}}
			}
			if len(e.Refuse(book)) > 0 {
				refused++
				continue
			}
			e.ID, e.Known = EntryID(fmt.Sprint("e", i)), time.UnixMicro(int64(i+1))
			book = append(book, e)
		}
		for d := place.Day(0); d < 11; d++ {
			for k := int64(0); k < 27; k++ {
				q := place.AsOf{Day: d, Known: time.UnixMicro(k)}
				s := Sum(q, book)
				if s.Pledged < 0 || s.Disclosed < 0 || s.Disclosed > s.Spent || s.Spent > s.Received || s.Overdue < 0 {
					t.Fatalf("day %d known at %d: %+v of %+v", d, k, s, book)
				}
				of := map[EntryID]int64{}
				for _, e := range book {
					if e.Kind == Disclosure && q.Sees(e.Moment) {
						of[e.Of] += e.Fen
					}
				}
				for _, e := range book {
					if e.Kind == Spend && e.Fen > 0 && of[e.ID] > e.Fen {
						t.Fatalf("day %d known at %d: %s is disclosed twice: %+v", d, k, e.ID, book)
					}
				}
			}
		}
	})
}

func takenBack(list []Entry, id EntryID) bool {
	for _, e := range list {
		if e.Reverses == id {
			return true
		}
	}
	return false
}

// What is left over may always be spent, to the last fen: the rule refuses no more than it must.
func TestTheLastFenCanBeSpent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var book []Entry
		for range rapid.IntRange(1, 10).Draw(t, "acts") {
			e := Entry{
				Kind: rapid.SampledFrom([]EntryKind{Receipt, Spend}).Draw(t, "kind"), Fen: int64(rapid.IntRange(1, 20).Draw(t, "fen")),
				Moment: place.Moment{About: place.Day(rapid.IntRange(1, 9).Draw(t, "about"))},
			}
			if len(e.Refuse(book)) == 0 {
				book = append(book, e)
			}
		}
		on := place.Day(rapid.IntRange(1, 9).Draw(t, "on"))
		rest := left(book, on, spendable)
		last, more := Entry{Kind: Spend, Fen: rest, Moment: place.Moment{About: on}}, Entry{Kind: Spend, Fen: rest + 1, Moment: place.Moment{About: on}}
		if rest > 0 && len(last.Refuse(book)) > 0 || len(more.Refuse(book)) == 0 {
			t.Fatalf("%d left on %d: %+v", rest, on, book)
		}
	})
}

func TestWhatIsOverdue(t *testing.T) {
	const d0 = place.Day(17000)
	say := func(kind EntryKind, fen int64, about, due place.Day) Entry {
		e := Entry{Kind: kind, Fen: fen, Moment: place.Moment{About: d0 + about}}
		if due != 0 {
			e.Due = d0 + due
		}
		return e
	}
	book := []Entry{say(Pledge, 100, 0, 10), say(Pledge, 50, 0, 20), say(Pledge, 7, 0, 0), say(Receipt, 60, 5, 0), say(Receipt, 60, 15, 0)}
	for _, c := range []struct {
		day           place.Day
		overdue, next int64
		due           place.Day
	}{
		{4, 0, 100, 10}, {5, 0, 40, 10}, {10, 0, 40, 10}, {11, 40, 90, 20}, {14, 40, 90, 20}, {15, 0, 30, 20}, {20, 0, 30, 20}, {21, 30, 0, 0},
	} {
		q := place.AsOf{Day: d0 + c.day}
		due, next := NextDue(q, book)
		if c.due != 0 {
			c.due += d0
		}
		if got := Sum(q, book); got.Overdue != c.overdue || next != c.next || due != c.due {
			t.Errorf("day %d: %d overdue, %d by %s; want %+v", c.day, got.Overdue, next, due, c)
		}
	}
}

func TestYuan(t *testing.T) {
	for fen, want := range map[int64]string{0: "0.00", 5: "0.05", 100: "1.00", 123456: "1,234.56", -99_999_999: "-999,999.99", 374_500_000: "3,745,000.00"} {
		if got := Yuan(fen); got != want {
			t.Errorf("%d: %s", fen, got)
		}
	}
}
