package bulletin

import (
	"context"
	"slices"
)

// Waiting lists the drafts that the caller may review, of which not a word is the caller's own, and the reviewed ones that
// the caller may issue.
func (s *Service) Waiting(ctx context.Context) (review, issue []Bulletin, err error) {
	list, err := s.List(ctx, Filter{Open: true})
	if err != nil {
		return nil, nil, err
	}
	for _, b := range list {
		switch {
		case b.State == Draft && !slices.Contains(b.writers, by(ctx)) && s.rights().MayChange(ctx, MayReview, b.Office) == nil:
			review = append(review, b)
		case b.State == Reviewed && s.rights().MayChange(ctx, MayIssue, b.Office) == nil:
			issue = append(issue, b)
		}
	}
	return review, issue, nil
}
