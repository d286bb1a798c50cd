package campaign

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/place/photo"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const room = "campaign"

// The kinds of the room's journal events.
const (
	evCampaign = "campaign.set"
	evActivity = "campaign.activity"
	evNotice   = "campaign.notice"
)

// Places is the tree, for names and levels, and who may do what where.
type Places interface {
	Tree(ctx context.Context) (*place.Tree, error)
	Rights() *place.Rights
	Traces(ctx context.Context, known time.Time, record string) ([]place.Trace, error)
	Called(ctx context.Context, account string) string
}

// FollowUps raises what an activity is followed up by; it tells how many tasks
// that are. role plugs in supervision.
type FollowUps interface {
	FollowUp(ctx context.Context, by, origin string, places []place.ID, title, ask string, due place.Day) (int, error)
}

// Options of the room.
type Options struct {
	Clock     place.Clock
	Places    Places
	FollowUps FollowUps
}

// Service is what callers may do with campaigns.
type Service struct {
	db *store.DB
	o  Options
}

// New brings the tables up to date.
func New(ctx context.Context, db *store.DB, o Options) (*Service, error) {
	if err := db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	return &Service{db: db, o: o}, nil
}

func (s *Service) change(ctx context.Context, op string, f func(ctx context.Context, tx *store.Tx, known time.Time) error) error {
	return dbError(op, s.o.Clock.Change(ctx, s.db, f))
}

// same checks the version seen; none is needed where there is none yet.
func same(op string, seen, last int64) error {
	if seen == 0 && last == 0 {
		return nil
	}
	return place.SameVersion(op, seen, last)
}

// Set adds a campaign or changes it.
func (s *Service) Set(ctx context.Context, by string, seen int64, c Campaign) (Campaign, error) {
	const op = "campaign.Set"
	err := s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		last, err := s.one(ctx, c.ID)
		if err != nil {
			return err
		}
		if err := same(op, seen, last.Version); err != nil {
			return err
		}
		c.Version, c.Known, c.By, c.Name, c.Purpose = last.Version+1, known, by, place.Tidy(c.Name), place.Tidy(c.Purpose)
		c.Goals = append([]Goal{}, c.Goals...)
		for i := range c.Goals {
			c.Goals[i].Text = place.Tidy(c.Goals[i].Text)
		}
		if err := c.check().Fault(op, "campaign.invalid"); err != nil {
			return err
		}
		goals, err := json.Marshal(c.Goals)
		if err != nil {
			return err
		}
		row := campaignRow{ID: c.ID, Version: c.Version, KnownUS: store.Micros(known), Name: c.Name, From: c.From, Until: c.Until, Purpose: c.Purpose, Goals: string(goals), By: by}
		if last.Version == 0 {
			_, err = tx.NewInsert().Model(&row).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		}
		if err != nil {
			return err
		}
		var before any
		if last.Version > 0 {
			before = last
		}
		if err := keep(ctx, tx, "campaign:"+string(c.ID), known, by, 0, before, c); err != nil {
			return err
		}
		return tx.Emit(room, evCampaign, string(c.ID), map[string]any{"name": c.Name, "by": by})
	})
	return c, err
}

// one is a campaign; its version is 0 where there is none.
func (s *Service) one(ctx context.Context, id ID) (Campaign, error) {
	all, err := s.Campaigns(ctx)
	for _, c := range all {
		if c.ID == id {
			return c, err
		}
	}
	return Campaign{}, err
}

// Put adds an activity (without an id) or changes it; its photos stay.
func (s *Service) Put(ctx context.Context, by string, seen int64, a Activity) (Activity, error) {
	const op = "campaign.Put"
	err := s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		fresh := a.ID == "" || seen == 0
		var before any
		a.Photos = []Photo{}
		if fresh {
			a.ID, a.Version = ActivityID(store.NewID()), 1
		} else {
			was, err := s.Activity(ctx, a.ID)
			if err != nil {
				return err
			}
			if err := place.SameVersion(op, seen, was.Version); err != nil {
				return err
			}
			a.Version, a.Photos, a.Campaign, before = was.Version+1, was.Photos, was.Campaign, was
		}
		a.Known, a.By, a.Title, a.Text, a.Lessons = known, by, place.Tidy(a.Title), tidy(a.Text), tidy(a.Lessons)
		a.Lines = append([]Line{}, a.Lines...)
		for i := range a.Lines {
			a.Lines[i].Text, a.Lines[i].Where = place.Tidy(a.Lines[i].Text), place.Tidy(a.Lines[i].Where)
		}
		p := a.check(s.o.Clock.Today())
		c, err := s.one(ctx, a.Campaign)
		if err != nil {
			return err
		}
		if c.Version == 0 {
			p.Add("campaign", "campaign.none")
		}
		called, err := s.names(ctx)
		if err != nil {
			return err
		}
		if a.PlaceName = called.on(a.Day, a.Place); !called.there(a.Place, a.Day) {
			p.Add("place", "place.no-place")
		}
		if err := p.Fault(op, "campaign.invalid"); err != nil {
			return err
		}
		if err := keep(ctx, tx, "activity:"+string(a.ID), known, by, a.Day, before, a); err != nil {
			return err
		}
		return s.write(ctx, tx, &a, fresh)
	})
	return a, err
}

// keep writes down what a record was before a change; nil: it is new.
func keep(ctx context.Context, tx *store.Tx, record string, known time.Time, by string, about place.Day, before, after any) error {
	act := "changed"
	if before == nil {
		act = "added"
	}
	return place.Keep(ctx, tx, place.Kept{Record: record, Act: act, About: about, Known: known, By: by, Before: before, After: after})
}

func (s *Service) write(ctx context.Context, tx *store.Tx, a *Activity, fresh bool) error {
	row, err := a.row()
	if err != nil {
		return err
	}
	if fresh {
		_, err = tx.NewInsert().Model(&row).Exec(ctx)
	} else {
		_, err = tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
	}
	if err != nil {
		return err
	}
	return tx.Emit(room, evActivity, string(a.ID), map[string]any{"title": a.Title, "kind": a.Kind, "campaign": a.Campaign, "by": a.By})
}

// Activity is one activity.
func (s *Service) Activity(ctx context.Context, id ActivityID) (Activity, error) {
	list, err := s.activities(ctx, s.db.NewSelect().Where("id = ?", id))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "campaign.Activity", "campaign.no-activity")
	}
	if err != nil {
		return Activity{}, err
	}
	return list[0], nil
}

// Activities lists the activities of a campaign, of all when it is "", the
// newest first.
func (s *Service) Activities(ctx context.Context, c ID) ([]Activity, error) {
	q := s.db.NewSelect()
	if c != "" {
		q = q.Where("campaign = ?", c)
	}
	return s.activities(ctx, q)
}

// AddPhoto adds a photo to an activity.
func (s *Service) AddPhoto(ctx context.Context, by string, id ActivityID, file []byte, caption string) (Activity, error) {
	const op = "campaign.AddPhoto"
	ph, err := photo.Take(file)
	switch {
	case errors.Is(err, photo.ErrTooLarge):
		return Activity{}, fault.Wrap(err, fault.TooLarge, op, "campaign.photo.large")
	case errors.Is(err, photo.ErrKind):
		return Activity{}, fault.Wrap(err, fault.Invalid, op, "campaign.photo.kind")
	case err != nil:
		return Activity{}, fault.Wrap(err, fault.Invalid, op, "campaign.photo.broken")
	}
	return s.rephoto(ctx, op, by, id, func(ctx context.Context, tx *store.Tx, a *Activity) error {
		caption = place.Tidy(caption)
		var p place.Problems
		p.Text("caption", caption, 60, false)
		if len(a.Photos) >= mostPhotos {
			p.Add("photo", "campaign.photo.many", "most", mostPhotos)
		}
		if slices.ContainsFunc(a.Photos, func(x Photo) bool { return x.Hash == ph.Hash }) {
			p.Add("photo", "campaign.photo.twice")
		}
		if err := p.Fault(op, "campaign.invalid"); err != nil {
			return err
		}
		a.Photos = append(a.Photos, Photo{Hash: ph.Hash, Caption: caption, Width: ph.Width, Height: ph.Height})
		row := photoRow{Hash: ph.Hash, Bytes: ph.Bytes, KnownUS: store.Micros(a.Known)}
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (hash) DO NOTHING").Exec(ctx)
		return err
	})
}

// RemovePhoto takes a photo out of an activity; its bytes go once no activity
// shows them.
func (s *Service) RemovePhoto(ctx context.Context, by string, id ActivityID, hash string) (Activity, error) {
	const op = "campaign.RemovePhoto"
	a, err := s.rephoto(ctx, op, by, id, func(_ context.Context, _ *store.Tx, a *Activity) error {
		n := len(a.Photos)
		a.Photos = slices.DeleteFunc(a.Photos, func(x Photo) bool { return x.Hash == hash })
		if len(a.Photos) == n {
			return fault.New(fault.NotFound, op, "campaign.photo.none")
		}
		return nil
	}, hash)
	return a, err
}

// rephoto changes the photos of an activity; loose are those whose bytes go then, if no activity shows them.
func (s *Service) rephoto(ctx context.Context, op, by string, id ActivityID, f func(ctx context.Context, tx *store.Tx, a *Activity) error, loose ...string) (a Activity, err error) {
	err = s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) (err error) {
		if a, err = s.Activity(ctx, id); err != nil {
			return err
		}
		before := a
		before.Photos = slices.Clone(a.Photos)
		a.Version, a.Known, a.By = a.Version+1, known, by
		if err := f(ctx, tx, &a); err != nil {
			return err
		}
		if err := keep(ctx, tx, "activity:"+string(a.ID), known, by, a.Day, before, a); err != nil {
			return err
		}
		if err := s.write(ctx, tx, &a, false); err != nil {
			return err
		}
		return s.drop(ctx, tx, loose...)
	})
	return a, err
}

// Photo gives the bytes of a photo, a JPEG, that an activity shows; those of an
// activity that only says that it was there are gone, whoever else has the same.
func (s *Service) Photo(ctx context.Context, hash string) ([]byte, error) {
	const op = "campaign.Photo"
	var rows []photoRow
	if err := s.db.NewSelect().Model(&rows).Where("hash = ?", hash).Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	shown := false
	if len(rows) > 0 {
		var err error
		if shown, err = s.shows(ctx, hash); err != nil {
			return nil, dbError(op, err)
		}
	}
	if !shown {
		return nil, fault.New(fault.NotFound, op, "campaign.photo.none")
	}
	return rows[0].Bytes, nil
}

// FollowUp raises supervision tasks that follow an activity up.
func (s *Service) FollowUp(ctx context.Context, by string, id ActivityID, places []place.ID, title, ask string, due place.Day) (int, error) {
	if _, err := s.Activity(ctx, id); err != nil {
		return 0, err
	}
	return s.o.FollowUps.FollowUp(ctx, by, "activity:"+string(id), places, title, ask, due)
}

// Write adds a notice (without an id) or changes a draft.
func (s *Service) Write(ctx context.Context, by string, seen int64, n Notice) (Notice, error) {
	const op = "campaign.Write"
	err := s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		fresh := n.ID == "" || seen == 0
		var before any
		if fresh {
			n.ID, n.Version = NoticeID(store.NewID()), 1
		} else {
			was, err := s.notice(ctx, op, n.ID)
			if err != nil {
				return err
			}
			if err := place.SameVersion(op, seen, was.Version); err != nil {
				return err
			}
			if was.State != Draft {
				return fault.New(fault.Conflict, op, "campaign.notice.published")
			}
			n.Version, before, n.writers = was.Version+1, was, was.writers
		}
		if !slices.Contains(n.writers, by) {
			n.writers = append(slices.Clip(n.writers), by)
		}
		n.State, n.Known, n.By, n.Title, n.Body, n.Signed = Draft, known, by, place.Tidy(n.Title), tidy(n.Body), place.Tidy(n.Signed)
		p := n.check()
		called, err := s.names(ctx)
		if err != nil {
			return err
		}
		if n.PlaceName = called.on(n.Day, n.Place); !called.there(n.Place) { // nobody would read it in a place that has ended
			p.Add("place", "place.no-place")
		}
		if err := p.Fault(op, "campaign.invalid"); err != nil {
			return err
		}
		if err := keep(ctx, tx, "notice:"+string(n.ID), known, by, n.Day, before, n); err != nil {
			return err
		}
		return writeNotice(ctx, tx, &n, fresh)
	})
	return n, err
}

// Publish publishes a draft, or with withdraw takes a published one back.
func (s *Service) Publish(ctx context.Context, by string, seen int64, id NoticeID, withdraw bool) (n Notice, err error) {
	const op = "campaign.Publish"
	err = s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) (err error) {
		if n, err = s.notice(ctx, op, id); err != nil {
			return err
		}
		if err := place.SameVersion(op, seen, n.Version); err != nil {
			return err
		}
		from, to := Draft, Published
		if withdraw {
			from, to = Published, Withdrawn
		}
		if n.State != from {
			return fault.New(fault.Conflict, op, "campaign.notice.not-now")
		}
		if !withdraw && slices.Contains(n.writers, by) {
			return fault.New(fault.Denied, op, "campaign.notice.own")
		}
		before := n
		n.State, n.Version, n.Known, n.By = to, n.Version+1, known, by
		if err := keep(ctx, tx, "notice:"+string(n.ID), known, by, n.Day, before, n); err != nil {
			return err
		}
		return writeNotice(ctx, tx, &n, false)
	})
	return n, err
}

func writeNotice(ctx context.Context, tx *store.Tx, n *Notice, fresh bool) (err error) {
	row := n.row()
	if fresh {
		_, err = tx.NewInsert().Model(&row).Exec(ctx)
	} else {
		_, err = tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
	}
	if err != nil {
		return err
	}
	return tx.Emit(room, evNotice, string(n.ID), map[string]any{"title": n.Title, "state": n.State, "by": n.By})
}

func (s *Service) notice(ctx context.Context, op string, id NoticeID) (Notice, error) {
	list, err := s.notices(ctx, s.db.NewSelect().Where("id = ?", id))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, op, "campaign.notice.none")
	}
	if err != nil {
		return Notice{}, err
	}
	return list[0], nil
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "campaign.store")
}
