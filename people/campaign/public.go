package campaign

import (
	"context"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Posted is a published notice as residents read it: nothing about who wrote it.
type Posted struct {
	ID        NoticeID  `json:"id"`
	Place     place.ID  `json:"place"`
	PlaceName string    `json:"place_name"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	Signed    string    `json:"signed"`
	Day       place.Day `json:"day"`
}

// mostPosted is how many notices an answer has at most.
const mostPosted = 200

// Published lists the notices that are out for a place: its own, and those of what it lies in. Of all places when it is "".
func (s *Service) Published(ctx context.Context, at place.ID) (name string, above []string, list []Posted, err error) {
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return "", nil, nil, err
	}
	above, list = []string{}, []Posted{}
	// Anybody may ask: no more is read than is answered.
	q := s.db.NewSelect().Where("state = ?", Published).Limit(mostPosted)
	if at != "" {
		path := tree.Path(s.o.Clock.AtClose(s.o.Clock.Today()), at)
		if len(path) == 0 {
			return "", nil, nil, fault.New(fault.NotFound, "campaign.Published", "place.no-place")
		}
		var in []place.ID
		for i, v := range path {
			in = append(in, v.Place)
			if name = v.Name; i < len(path)-1 {
				above = append(above, v.Name)
			}
		}
		q = q.Where("place IN (?)", bun.List(in))
	}
	out, err := s.notices(ctx, q)
	if err != nil {
		return "", nil, nil, err
	}
	for _, n := range out {
		list = append(list, Posted{n.ID, n.Place, n.PlaceName, n.Title, n.Body, n.Signed, n.Day})
	}
	return name, above, list, nil
}

type publishedOutput struct {
	Body struct {
		Name    string   `json:"name,omitempty" doc:"Of the place that was asked about"`
		Above   []string `json:"above" doc:"What it lies in, the city first"`
		Notices []Posted `json:"notices"`
	}
}

func (s *Service) httpPublished(ctx context.Context, in *struct {
	Place string `query:"place" maxLength:"40" doc:"All when left out"`
},
) (*publishedOutput, error) {
	out := &publishedOutput{}
	var err error
	out.Body.Name, out.Body.Above, out.Body.Notices, err = s.Published(ctx, place.ID(in.Place))
	if err != nil {
		return nil, err
	}
	return out, nil
}
