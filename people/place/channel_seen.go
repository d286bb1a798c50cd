package place

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// channelsTag is what a caller has seen of a compound's channels: how often they were listed and renamed, and the last
// instant at which anything of them became known.
func channelsTag(list []Channel, steps []ChannelStep, renamed []keptRow) RecordTag {
	t := RecordTag{Version: 1} // of a compound without channels
	for _, c := range list {
		t.Version += c.Version
	}
	for _, s := range steps {
		if s.Known.After(t.Known) {
			t.Known = s.Known
		}
	}
	for _, k := range renamed {
		if known := store.Time(k.KnownUS); known.After(t.Known) {
			t.Known = known
		}
	}
	return t
}

// channelsTagOf reads what a caller who reads the channels now has seen.
func (s *Service) channelsTagOf(ctx context.Context, list []Channel, steps []ChannelStep) (RecordTag, []keptRow, error) {
	var ids []ChannelID
	for _, c := range list {
		if c.Version > 1 {
			ids = append(ids, c.ID)
		}
	}
	renamed, err := s.channelKepts(ctx, ids)
	return channelsTag(list, steps, renamed), renamed, err
}

// AddChannelsSeen lists channels of a compound whose channels are still those that the caller saw.
func (s *Service) AddChannelsSeen(ctx context.Context, by string, id ID, seen RecordTag, list []Channel, steps []ChannelStep) error {
	return s.change(ctx, "place.AddChannels", func(ctx context.Context, w *writing) error {
		if err := w.sameChannels(ctx, id, seen); err != nil {
			return err
		}
		if err := w.namesFree(ctx, id, list); err != nil {
			return err
		}
		return w.list(ctx, by, list, steps)
	})
}

// StepChannelsSeen says in which state channels of a compound are from a day on, when they are still what the caller saw:
// of two sayings about one day the later holds, so who did not see the first must not speak over it.
func (s *Service) StepChannelsSeen(ctx context.Context, by string, id ID, seen RecordTag, steps []ChannelStep) error {
	return s.change(ctx, "place.StepChannels", func(ctx context.Context, w *writing) error {
		if err := w.sameChannels(ctx, id, seen); err != nil {
			return err
		}
		return w.steps(ctx, by, steps, nil)
	})
}

// mostDiffering is how many channels a refusal names.
const mostDiffering = 20

// sameChannels checks that a compound's channels are those that were seen; else it names the channels that differ.
func (w *writing) sameChannels(ctx context.Context, id ID, seen RecordTag) error {
	if seen.Version == 0 {
		return fault.New(fault.Invalid, w.op, "place.version-needed")
	}
	list, err := w.s.Channels(ctx, id)
	if err != nil {
		return err
	}
	steps, err := w.s.Steps(ctx, id)
	if err != nil {
		return err
	}
	is, renamed, err := w.s.channelsTagOf(ctx, list, steps)
	if err != nil || seen.Version == is.Version && seen.Known.Equal(is.Known) {
		return err
	}
	was, err := w.s.channelsKnown(ctx, seen.Known, list)
	if err != nil {
		return err
	}
	stale := fault.New(fault.Stale, w.op, "place.channels.changed", "by", lastOfChannels(steps, renamed), "at", is.Known.In(w.s.clock.zone()).Format("2006-01-02 15:04:05"))
	now, then := AsOf{w.now.Day, w.known}, AsOf{w.now.Day, seen.Known}
	for i, c := range list {
		mine := slices.DeleteFunc(slices.Clone(steps), func(s ChannelStep) bool { return s.Channel != c.ID })
		differs := func(field string, a, b any) {
			if a != b && len(stale.Fields) < mostDiffering {
				stale.Fields = append(stale.Fields, fault.At("channels."+string(c.ID)+"."+field, "place.channels.differs", "name", c.Name, "was", a, "is", b))
			}
		}
		before := stateAt(then, mine)
		differs("state", before, stateAt(now, mine))
		if before == "" {
			continue // of one that was not there yet, name and area are new as a whole
		}
		differs("name", was[i].Name, c.Name)
		differs("area", was[i].Area, c.Area)
	}
	return stale
}

// stateAt is the state of a channel for a question; "" when nothing is known of it.
func stateAt(q AsOf, steps []ChannelStep) ChannelState {
	if i := Picks(q, steps, (*ChannelStep).moment); i >= 0 {
		return steps[i].State
	}
	return ""
}

// lastOfChannels is who said the latest of a compound's channels.
func lastOfChannels(steps []ChannelStep, renamed []keptRow) (by string) {
	var last time.Time
	for _, s := range steps {
		if !s.Known.Before(last) {
			last, by = s.Known, s.By
		}
	}
	for _, k := range renamed {
		if known := store.Time(k.KnownUS); !known.Before(last) {
			last, by = known, k.By
		}
	}
	return by
}

// stateWords and areaWords are what the message files call them.
var (
	stateWords = map[ChannelState]string{"": "place.word.unlisted", Installed: "place.word.installed", Networked: "place.word.networked", Removed: "place.word.removed"}
	areaWords  = map[AreaKind]string{Gate: "place.word.gate", Road: "place.word.road", Entrance: "place.word.building-entrance", CarPark: "place.word.car-park", Yard: "place.word.yard"}
)
