package programme

import "testing"

// What belongs to another kind does not go along with a request: who decides on it is not shown it.
func TestARequestHasOnlyWhatIsItsKinds(t *testing.T) {
	for _, kind := range Asks {
		r := Request{Kind: kind, Milestone: "built", Due: first, Plan: 4, Mark: "helped", Into: "y", From: first}
		r.only()
		want := Request{Kind: kind, From: first}
		switch kind {
		case AskExtension:
			want.Milestone, want.Due, want.From = "built", first, 0
		case AskPlan:
			want.Plan = 4
		case AskClass, AskVoid:
			want.Mark = "helped"
		case AskMerge:
			want.Into = "y"
		}
		if r != want {
			t.Errorf("%s: %+v", kind, r)
		}
	}
}
