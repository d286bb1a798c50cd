package place

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// channelRecord names a channel among the records whose changes are kept.
const channelRecord = "channel:"

// ChannelEdit is what a caller says of a channel; nil leaves a field alone.
type ChannelEdit struct {
	Name *string   `json:"name,omitempty"`
	Area *AreaKind `json:"area,omitempty" enum:"gate,road,building-entrance,car-park,yard"`
}

// ChangeChannel renames a channel, or says that it watches another area. Of what a camera of the register is, the
// register says it.
func (s *Service) ChangeChannel(ctx context.Context, by string, id ChannelID, seen int64, e ChannelEdit) (Channel, error) {
	var c Channel
	err := s.change(ctx, "place.ChangeChannel", func(ctx context.Context, w *writing) (err error) {
		if c, err = s.channel(ctx, id); err != nil {
			return err
		}
		if err := SameVersion(w.op, seen, c.Version); err != nil {
			return err
		}
		tied, err := w.tx.NewSelect().Model((*tieRow)(nil)).Where("channel = ?", id).Exists(ctx)
		if err != nil {
			return err
		}
		if tied {
			return fault.New(fault.Conflict, w.op, "place.channel.tied", "name", c.Name)
		}
		before := c
		if e.Name != nil {
			c.Name = Tidy(*e.Name)
		}
		if e.Area != nil {
			c.Area = *e.Area
		}
		if c == before {
			return nil
		}
		c.Version++
		if err := c.check().Fault(w.op, "place.invalid"); err != nil {
			return err
		}
		if c.Name != before.Name {
			if err := w.namesFree(ctx, c.Compound, []Channel{c}); err != nil {
				return err
			}
		}
		row := channelRow{ID: c.ID, Compound: c.Compound, Name: c.Name, Area: c.Area, Version: c.Version, By: c.By}
		res, err := w.tx.NewUpdate().Model(&row).Column("name", "area", "version").WherePK().Where("version = ?", before.Version).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return fault.New(fault.Conflict, w.op, "place.changed-meanwhile")
		}
		if err := Keep(ctx, w.tx, Kept{Record: channelRecord + string(id), Act: "changed", Known: w.known, By: by, Before: before, After: c}); err != nil {
			return err
		}
		return w.tx.Emit(room, evChannel, string(c.Compound), map[string]any{"channels": 1, "by": by})
	})
	return c, err
}

// namesFree refuses channels that would be called like another one of their compound, which lists could not tell apart; one that
// was removed has let its name go.
func (w *writing) namesFree(ctx context.Context, compound ID, list []Channel) error {
	there, err := w.s.Channels(ctx, compound)
	if err != nil {
		return err
	}
	steps, err := w.s.Steps(ctx, compound)
	if err != nil {
		return err
	}
	mine := map[ChannelID][]ChannelStep{}
	for _, st := range steps {
		mine[st.Channel] = append(mine[st.Channel], st)
	}
	taken := map[string]ChannelID{}
	for _, c := range there {
		if stateAt(w.now, mine[c.ID]) != Removed {
			taken[c.Name] = c.ID
		}
	}
	for i, c := range list {
		name := Tidy(c.Name)
		if id, ok := taken[name]; ok && id != c.ID {
			p := Problems{fault.At("name", "place.channel.same-name", "name", name)}
			err := fault.New(fault.Conflict, w.op, "place.channel.same-name", "name", name)
			err.Fields = p
			return at(err, i, len(list))
		}
		taken[name] = c.ID
	}
	return nil
}

// channel reads one channel.
func (s *Service) channel(ctx context.Context, id ChannelID) (Channel, error) {
	list, err := read(ctx, s.db.NewSelect().Model((*channelRow)(nil)).Where("id = ?", id), (*channelRow).channel)
	if err != nil {
		return Channel{}, dbError("place.Channel", err)
	}
	if len(list) == 0 {
		return Channel{}, fault.New(fault.NotFound, "place.Channel", "place.no-channel")
	}
	return list[0], nil
}

// Renamed tells when something last was said of the name or the area of channels after an instant, and by whom.
func (s *Service) Renamed(ctx context.Context, after time.Time, ids ...ChannelID) (map[ChannelID]string, error) {
	out := map[ChannelID]string{}
	kept, err := s.channelKepts(ctx, ids)
	for _, k := range kept {
		if store.Time(k.KnownUS).After(after) {
			out[ChannelID(strings.TrimPrefix(k.Record, channelRecord))] = k.By
		}
	}
	return out, err
}

func (s *Service) channelKepts(ctx context.Context, ids []ChannelID) (out []keptRow, err error) {
	for part := range slices.Chunk(ids, batch) {
		records := make([]string, len(part))
		for i, id := range part {
			records[i] = channelRecord + string(id)
		}
		kept, err := s.kepts(ctx, records...)
		if err != nil {
			return nil, err
		}
		out = append(out, kept...)
	}
	return out, nil
}

// ChannelsKnown reads the channels of compounds as far as was known at an instant.
func (s *Service) ChannelsKnown(ctx context.Context, known time.Time, compounds ...ID) ([]Channel, error) {
	list, err := s.Channels(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	return s.channelsKnown(ctx, known, list)
}

// channelsKnown are channels as far as was known at an instant: a name of later is not put into the past.
func (s *Service) channelsKnown(ctx context.Context, known time.Time, list []Channel) ([]Channel, error) {
	var ids []ChannelID
	for _, c := range list {
		if c.Version > 1 {
			ids = append(ids, c.ID)
		}
	}
	kept, err := s.channelKepts(ctx, ids)
	if err != nil {
		return nil, err
	}
	then := map[ChannelID]Channel{} // what the first change after the instant changed
	for _, k := range kept {
		id := ChannelID(strings.TrimPrefix(k.Record, channelRecord))
		if _, ok := then[id]; ok || !store.Time(k.KnownUS).After(known) {
			continue
		}
		var was Channel
		if err := json.Unmarshal([]byte(k.Before), &was); err != nil {
			return nil, err
		}
		then[id] = was
	}
	out := slices.Clone(list)
	for i := range out {
		if was, ok := then[out[i].ID]; ok {
			out[i].Name, out[i].Area = was.Name, was.Area
		}
	}
	return out, nil
}

type channelOutput struct {
	ETag string `header:"ETag"`
	Body Channel
}

func (s *Service) httpChangeChannel(ctx context.Context, in *struct {
	ID string `path:"id"`
	Versioned
	Body ChannelEdit
},
) (*channelOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	was, err := s.channel(ctx, ChannelID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayKeep, was.Compound); err != nil {
		return nil, err
	}
	c, err := s.ChangeChannel(ctx, by(ctx), ChannelID(in.ID), seen, in.Body)
	if err != nil {
		return nil, err
	}
	return &channelOutput{ETag(c.Version), c}, nil
}
