package inbox_test

import (
	"context"
	"errors"
	"testing"

	"linli.dev/linli/people/inbox"
	"linli.dev/linli/people/place"
)

type source struct {
	items []inbox.Item
	err   error
}

func (s source) Waiting(context.Context) ([]inbox.Item, error) { return s.items, s.err }

func TestWhatIsPressingComesFirst(t *testing.T) {
	due := place.Date(2017, 9, 29)
	s := inbox.New(
		source{items: []inbox.Item{{Kind: inbox.BulletinReview, ID: "b"}, {Kind: inbox.TaskSign, ID: "later", Due: due}}},
		source{items: []inbox.Item{{Kind: inbox.TaskSign, ID: "none"}, {Kind: inbox.TaskSign, ID: "late", Due: due - 9, Late: true}}},
	)
	groups, err := s.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) != 2 || groups[0].Kind != inbox.TaskSign || groups[0].Count != 3 || groups[0].Late != 1 || groups[1].Kind != inbox.BulletinReview {
		t.Fatalf("%+v", groups)
	}
	for i, want := range []string{"late", "later", "none"} {
		if groups[0].Items[i].ID != want {
			t.Errorf("%d is %s, want %s", i, groups[0].Items[i].ID, want)
		}
	}
	// A long list is counted in full, and shortened.
	var many []inbox.Item
	for range 120 {
		many = append(many, inbox.Item{Kind: inbox.TaskCheck})
	}
	groups, err = inbox.New(source{items: many}).Groups(t.Context())
	if err != nil || groups[0].Count != 120 || len(groups[0].Items) != 50 {
		t.Errorf("%v %d %d", err, groups[0].Count, len(groups[0].Items))
	}
	// A room that cannot answer is not taken for one where nothing waits.
	if _, err := inbox.New(source{}, source{err: errors.New("away")}).Groups(t.Context()); err == nil {
		t.Error("a fault was swallowed")
	}
}
