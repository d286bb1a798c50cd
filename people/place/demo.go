package place

import (
	"context"

	"linli.dev/linli/api"
)

// SetInvented plugs in whether the programme's figures are a demo's; before
// anything is served. What pages say of it files say too: each room asks here.
func (s *Service) SetInvented(f func(ctx context.Context) (bool, error)) { s.invented = f }

// Invented reports whether the programme's figures are a demo's. Where that
// cannot be read nothing is handed out, rather than a demo's file as a real one.
func (s *Service) Invented(ctx context.Context) (bool, error) {
	if s.invented == nil {
		return false, nil
	}
	return s.invented(ctx)
}

// DemoMark is the sentence that a demo's files bear, in the caller's language;
// "" where the figures are real.
func (s *Service) DemoMark(ctx context.Context) (string, error) {
	if demo, err := s.Invented(ctx); err != nil || !demo {
		return "", err
	}
	return api.Say(ctx, DemoSentence), nil
}

// DemoSentence is the code of that sentence.
const DemoSentence = "place.evidence.demo"
