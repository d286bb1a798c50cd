package place

import (
	"context"

	"linli.dev/linli/api"
)

// SetInvented plugs in whether the programme's figures are a demo's; before
// anything is served. What pages say of it files say too: each room asks here.
func (s *Service) SetInvented(f func(ctx context.Context) bool) { s.invented = f }

// Invented reports whether the programme's figures are a demo's.
func (s *Service) Invented(ctx context.Context) bool { return s.invented != nil && s.invented(ctx) }

// DemoMark is the sentence that a demo's files bear, in the caller's language;
// "" where the figures are real.
func (s *Service) DemoMark(ctx context.Context) string {
	if !s.Invented(ctx) {
		return ""
	}
	return api.Say(ctx, DemoSentence)
}

// DemoSentence is the code of that sentence.
const DemoSentence = "place.evidence.demo"
