package bulletin

import (
	"context"
	"slices"

	"linli.dev/linli/people/place"
)

// Waiting lists the drafts that the caller may review, of which not a word is the caller's own, and the reviewed ones that
// the caller may issue.
func (s *Service) Waiting(ctx context.Context) (review, issue []Bulletin, err error) {
	list, err := s.List(ctx, Filter{Open: true})
	if err != nil {
		return nil, nil, err
	}
	for _, b := range list {
		permission, into := MayReview, &review
		switch {
		case b.State == Reviewed:
			permission, into = MayIssue, &issue
		case b.State != Draft || slices.Contains(b.writers, by(ctx)):
			continue
		}
		may, err := place.Permitted(s.rights().MayChange(ctx, permission, b.Office))
		if err != nil {
			return nil, nil, err
		}
		if may {
			*into = append(*into, b)
		}
	}
	return review, issue, nil
}
