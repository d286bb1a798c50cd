package programme

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Story is a demo's, and nobody else's: what happens on the days to come is written, and the clock can be moved on to them.
type Story interface {
	// Last is the last day that is written.
	Last() place.Day
	// Move lets the days until one has closed happen; it goes on after the call.
	Move(to place.Day) error
	// Moving tells how far that is; To is 0 when nothing moves.
	Moving() Moving
}

// Moving is how far a story is on its way.
type Moving struct {
	To     place.Day `json:"to,omitempty" doc:"The day that the clock is moved on to; left out: it stands"`
	At     place.Day `json:"at,omitempty" doc:"The day that happens now, or on which it stopped"`
	Failed string    `json:"failed,omitempty" doc:"Why it stopped before, in the reader's language"` // of a story: a code; what exactly it was stands in the log
}

// StoryStopped is the code of a story that could not go on.
const StoryStopped = "programme.story.stopped"

// StoryMoves is the fault of moving a story that is on its way already.
func StoryMoves(op string) error { return fault.New(fault.Conflict, op, "programme.story.moving") }

// SetStory plugs a demo's story in; before anything is served.
func (s *Service) SetStory(story Story) { s.story = story }

func (s *Service) storyRoutes(r *api.Router) {
	api.Get(r, "/api/programme/story", api.Op{ID: "getStory", Permission: MayRead, Summary: "Of a demo: how far its days are on their way"}, s.httpStory)
	api.Post(r, "/api/programme/story", api.Op{
		ID: "moveStory", Permission: MayWrite, Summary: "Of a demo: let the days until a later one happen, and move the clock on to it", Status: 202,
		Description: "It does not go back; days before are read with at=…. Not found where there is no demo.",
	}, s.httpMove)
}

type storyOutput struct {
	Body struct {
		Today place.Day `json:"today"`
		Last  place.Day `json:"last,omitempty" doc:"The last day that is written; left out: this is no demo"`
		Moving
	}
}

func (s *Service) httpStory(ctx context.Context, _ *struct{}) (*storyOutput, error) {
	out := &storyOutput{}
	out.Body.Today = s.o.Clock.Today()
	if s.story != nil {
		out.Body.Last, out.Body.Moving = s.story.Last(), s.story.Moving()
	}
	if code := out.Body.Failed; code != "" {
		out.Body.Failed = api.Say(ctx, code, "day", out.Body.At.String())
	}
	return out, nil
}

func (s *Service) httpMove(ctx context.Context, in *struct {
	Body struct {
		Day place.Day `json:"day"`
	}
},
) (*storyOutput, error) {
	const op = "programme.Move"
	if s.story == nil {
		return nil, fault.New(fault.NotFound, op, "programme.story.none")
	}
	if err := s.rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	var p place.Problems
	if day := in.Body.Day; day <= s.o.Clock.Today() || day > s.story.Last() {
		p.Add("day", "programme.story.day", "today", s.o.Clock.Today().String(), "last", s.story.Last().String())
	}
	if err := p.Fault(op, "programme.invalid"); err != nil {
		return nil, err
	}
	if err := s.story.Move(in.Body.Day); err != nil {
		return nil, err
	}
	return s.httpStory(ctx, nil)
}
