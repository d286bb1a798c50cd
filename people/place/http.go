package place

import (
	"context"
	"io/fs"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// Permissions of the room.
const (
	MayRead  = "place.read"
	MayKeep  = "place.keep"  // what a compound has: areas, protection, channels
	MayWrite = "place.write" // the tree, and the classes of compounds
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS { return Sentences() }

// Sentences of the room, for commands.
func Sentences() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	s.treeRoutes(r)
	s.compoundRoutes(r)
	s.nodeRoutes(r)
	s.reportRoutes(r)
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

// AsOfInput is the day that a route is asked about; huma fills exported structs
// only.
type AsOfInput struct {
	At    string `query:"at" doc:"The day asked about, 2017-09-27; today by the programme's clock when left out"`
	Known string `query:"known" doc:"RFC 3339, or now: as far as it was known then; the close of the day when left out"`
}

// AsOf is the question that was asked. A day or an instant that is yet to come
// by the clock is refused: nothing is known of it.
func (in AsOfInput) AsOf(c Clock) (AsOf, error) {
	const op = "place.AsOf"
	q := AsOf{Day: c.Today()}
	if in.At != "" {
		day, err := ParseDay(in.At)
		if err != nil {
			return q, err
		}
		q.Day = day
	}
	if q.Day > c.Today() {
		return q, fault.New(fault.Invalid, op, "place.day-to-come", "today", c.Today().String())
	}
	q.Known = c.Close(q.Day)
	switch in.Known {
	case "":
	case "now":
		q.Known = c.Close(c.Today())
	default:
		known, err := time.Parse(time.RFC3339, in.Known)
		if err != nil || known.After(c.Close(c.Today())) {
			return q, fault.New(fault.Invalid, op, "place.bad-known")
		}
		q.Known = known
	}
	return q, nil
}
