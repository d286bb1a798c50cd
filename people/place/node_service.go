package place

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

const evTied = "node.tied"

// Cameras is the register of this machine.
type Cameras interface {
	Registered(ctx context.Context) ([]Registered, error)
}

// SetCameras plugs in the register; before anything is served.
func (s *Service) SetCameras(c Cameras) { s.cameras = c }

// Registered is what the register of this machine says now; nothing where there is none.
func (s *Service) Registered(ctx context.Context) ([]Registered, error) {
	if s.cameras == nil {
		return nil, nil
	}
	return s.cameras.Registered(ctx)
}

type nodeRow struct {
	bun.BaseModel `bun:"table:node"`

	ID       int    `bun:"id,pk"`
	Compound ID     `bun:"compound"`
	Version  int64  `bun:"version"`
	KnownUS  int64  `bun:"known_us"`
	By       string `bun:"by_account"`
}

func (r *nodeRow) node() Node {
	return Node{Version: r.Version, Compound: r.Compound, Known: store.Time(r.KnownUS), By: r.By}
}

type tieRow struct {
	bun.BaseModel `bun:"table:node_channels"`

	Source   ID        `bun:"source,pk"`
	Camera   CameraID  `bun:"camera,pk"`
	Channel  ChannelID `bun:"channel"`
	Compound ID        `bun:"compound"`
	Seen     Day       `bun:"seen"`
}

func (r *tieRow) tie() Tie { return Tie{r.Source, r.Camera, r.Channel, r.Seen} }

// Node is the compound that this machine's cameras belong to; Version 0: none
// was said.
func (s *Service) Node(ctx context.Context) (n Node, err error) {
	list, err := read(ctx, s.db.NewSelect().Model((*nodeRow)(nil)), (*nodeRow).node)
	if err != nil || len(list) == 0 {
		return n, dbError("place.Node", err)
	}
	n = list[0]
	tree, err := s.Tree(ctx)
	if h := tree.History(n.Compound); err == nil && len(h) > 0 {
		n.Name = h[len(h)-1].Name
	}
	return n, err
}

// Ties are the channels that cameras are, of this machine and of all that report.
func (s *Service) Ties(ctx context.Context) ([]Tie, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*tieRow)(nil)).Order("source", "camera"), (*tieRow).tie)
	return out, dbError("place.Ties", err)
}

// TiesOf are the channels that the cameras of one machine are: Here, or a compound's own.
func (s *Service) TiesOf(ctx context.Context, source ID) ([]Tie, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*tieRow)(nil)).Where("source = ?", source).Order("camera"), (*tieRow).tie)
	return out, dbError("place.TiesOf", err)
}

// TieNode says which compound the cameras of this machine belong to, and of
// some of them which channel of its list they are. The others find theirs by
// name when the register is next compared (KeepNode), or are listed anew.
func (s *Service) TieNode(ctx context.Context, by string, seen int64, compound ID, chosen map[CameraID]ChannelID) error {
	return s.change(ctx, "place.TieNode", func(ctx context.Context, w *writing) error {
		was, err := s.Node(ctx)
		if err != nil {
			return err
		}
		if was.Version != 0 {
			if err := SameVersion(w.op, seen, was.Version); err != nil {
				return err
			}
		}
		v, err := w.there(ctx, compound, w.now.Day)
		if err != nil {
			return err
		}
		if v.Level != Compound {
			return fault.New(fault.Invalid, w.op, "place.no-compound")
		}
		reported, err := s.reports(ctx, compound)
		if err != nil {
			return err
		}
		if len(reported) > 0 {
			return fault.New(fault.Conflict, w.op, "place.node.reported", "name", v.Name)
		}
		ties, err := s.TiesOf(ctx, Here)
		if err != nil {
			return err
		}
		if was.Version != 0 && was.Compound != compound {
			if err := w.untie(ctx, by, Here, was.Compound, ties); err != nil {
				return err
			}
			if err := w.released(ctx, by, was.Compound); err != nil {
				return err
			}
			ties = nil
		}
		if err := w.choose(ctx, compound, ties, chosen); err != nil {
			return err
		}
		if err := w.keepTie(ctx, by, was, v, len(chosen)); err != nil {
			return err
		}
		row := nodeRow{ID: 1, Compound: compound, Version: was.Version + 1, KnownUS: store.Micros(w.known), By: by}
		q := w.tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("compound = EXCLUDED.compound").Set("version = EXCLUDED.version").
			Set("known_us = EXCLUDED.known_us").Set("by_account = EXCLUDED.by_account")
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
		return w.tx.Emit(room, evTied, string(compound), map[string]any{"version": row.Version, "by": by})
	})
}

// nodeRecord names the tie among the records whose changes are kept.
const nodeRecord = "node"

// keepTie writes down which compound the machine belonged to, and belongs to now.
func (w *writing) keepTie(ctx context.Context, by string, was Node, now Version, chosen int) error {
	type tie struct {
		Compound string `json:"tied_to"`
		Chosen   int    `json:"channels_chosen,omitempty"`
	}
	k := Kept{Record: nodeRecord, Act: "tied", About: w.now.Day, Known: w.known, By: by, After: tie{now.Name, chosen}}
	if was.Version != 0 {
		k.Before = tie{Compound: was.Name}
	}
	return Keep(ctx, w.tx, k)
}

// choose ties cameras to the channels that somebody picked for them.
func (w *writing) choose(ctx context.Context, compound ID, ties []Tie, chosen map[CameraID]ChannelID) error {
	if len(chosen) == 0 {
		return nil
	}
	channels, err := w.s.Channels(ctx, compound)
	if err != nil {
		return err
	}
	steps, err := w.s.Steps(ctx, compound)
	if err != nil {
		return err
	}
	taken := map[ChannelID]bool{}
	for _, t := range ties {
		if _, again := chosen[t.Camera]; !again {
			taken[t.Channel] = true
		}
	}
	var rows []tieRow
	var cameras []CameraID
	for c, ch := range chosen {
		if !slices.ContainsFunc(channels, func(x Channel) bool { return x.ID == ch }) {
			return fault.New(fault.Invalid, w.op, "place.channel.not-there")
		}
		if taken[ch] {
			return fault.New(fault.Conflict, w.op, "place.node.taken")
		}
		taken[ch] = true
		row := tieRow{Camera: c, Channel: ch, Compound: compound}
		mine := slices.DeleteFunc(slices.Clone(steps), func(s ChannelStep) bool { return s.Channel != ch })
		if i := Picks(w.now, mine, (*ChannelStep).moment); i >= 0 && mine[i].State == Networked {
			row.Seen = w.now.Day
		}
		rows, cameras = append(rows, row), append(cameras, c)
	}
	if err := w.letGo(ctx, Here, cameras); err != nil {
		return err
	}
	return insert(ctx, w.tx, rows)
}

// letGo forgets which channels some cameras of a machine are.
func (w *writing) letGo(ctx context.Context, source ID, cameras []CameraID) error {
	_, err := w.tx.NewDelete().Model((*tieRow)(nil)).Where("source = ?", source).Where("camera IN (?)", bun.List(cameras)).Exec(ctx)
	return err
}

// untie lets another compound's channels go. Those that only the register ever
// spoke of were never there; the others stay as they stand, but from now on on
// the word of who unties them: nobody sees them any longer.
func (w *writing) untie(ctx context.Context, by string, source, compound ID, ties []Tie) error {
	channels, err := w.s.Channels(ctx, compound)
	if err != nil {
		return err
	}
	said, err := w.s.Steps(ctx, compound)
	if err != nil {
		return err
	}
	var steps, stay []ChannelStep
	for _, t := range ties {
		i := slices.IndexFunc(channels, func(c Channel) bool { return c.ID == t.Channel })
		step := ChannelStep{Channel: t.Channel, Compound: compound, State: Removed, Moment: Moment{About: w.now.Day}}
		switch {
		case i < 0:
		case channels[i].By == Register:
			steps = append(steps, step)
		default:
			mine := slices.DeleteFunc(slices.Clone(said), func(s ChannelStep) bool { return s.Channel != t.Channel })
			if j := Picks(w.now, mine, (*ChannelStep).moment); j >= 0 && mine[j].Seen() {
				step.State = mine[j].State
				stay = append(stay, step)
			}
		}
	}
	if len(stay) > 0 {
		if err := w.steps(ctx, by, stay, nil); err != nil {
			return err
		}
	}
	if len(steps) > 0 {
		if err := w.steps(ctx, Register, steps, nil); err != nil {
			return err
		}
	}
	_, err = w.tx.NewDelete().Model((*tieRow)(nil)).Where("source = ?", source).Exec(ctx)
	return err
}

// KeepNode writes down what the register says today, where that is other than
// what the list says. seen: a camera of the compound gives a picture now.
func (s *Service) KeepNode(ctx context.Context, k Keeping) (compound ID, seen bool, err error) {
	n, err := s.Node(ctx)
	if err != nil || n.Version == 0 {
		return "", false, err
	}
	cameras, err := s.Registered(ctx)
	if err != nil {
		return "", false, err
	}
	d, err := s.owed(ctx, Here, n.Compound, cameras, s.clock.AtClose(s.clock.Today()), k)
	if err != nil || d.none() {
		return n.Compound, d.sight, err
	}
	err = s.change(ctx, "place.KeepNode", func(ctx context.Context, w *writing) error {
		if n, err = s.Node(ctx); err != nil {
			return err
		}
		d, err = w.keep(ctx, Here, n.Compound, cameras, k)
		return err
	})
	return n.Compound, d.sight, err
}

// owed compares what a machine says of its cameras with the list of its compound.
func (s *Service) owed(ctx context.Context, source, compound ID, cameras []Registered, q AsOf, k Keeping) (d due, err error) {
	ties, err := s.TiesOf(ctx, source)
	if err != nil {
		return d, err
	}
	channels, err := s.Channels(ctx, compound)
	if err != nil {
		return d, err
	}
	steps, err := s.Steps(ctx, compound)
	return owed(compound, cameras, channels, ties, steps, q.Day, k, q.Known), err
}

// keep writes down what is owed.
func (w *writing) keep(ctx context.Context, source, compound ID, cameras []Registered, k Keeping) (d due, err error) {
	if d, err = w.s.owed(ctx, source, compound, cameras, w.now, k); err != nil {
		return d, err
	}
	if len(d.gone) > 0 {
		if err := w.letGo(ctx, source, d.gone); err != nil {
			return d, err
		}
	}
	var made []Channel
	var rows []tieRow
	for _, t := range d.ties {
		if t.Channel == "" {
			i := slices.IndexFunc(cameras, func(c Registered) bool { return c.Camera == t.Camera })
			t.Channel = ChannelID(store.NewID())
			made = append(made, Channel{ID: t.Channel, Compound: compound, Name: Tidy(cameras[i].Name), Area: cameras[i].Area})
			state := Installed
			if cameras[i].Picture {
				state = Networked
			}
			d.steps = append(d.steps, ChannelStep{Channel: t.Channel, Compound: compound, State: state, Moment: Moment{About: d.from}})
		}
		rows = append(rows, tieRow{Source: source, Camera: t.Camera, Channel: t.Channel, Compound: compound, Seen: t.Seen})
	}
	if len(made) > 0 {
		there, err := w.s.Channels(ctx, compound)
		if err != nil {
			return d, err
		}
		plainly(made, there)
	}
	if err := w.list(ctx, Register, made, d.steps); err != nil {
		return d, err
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		return d, err
	}
	if len(d.seen) == 0 {
		return d, nil
	}
	_, err = w.tx.NewUpdate().Model((*tieRow)(nil)).Set("seen = ?", w.now.Day).Where("source = ?", source).Where("camera IN (?)", bun.List(d.seen)).Exec(ctx)
	return d, err
}
