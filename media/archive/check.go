package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// CheckInfo is how far the walk of a server over a disk has come.
type CheckInfo struct {
	Disk        DiskID       `json:"disk"`
	Running     bool         `json:"running" doc:"A walk goes on now; it may be waiting for those that come before it."`
	Began       time.Time    `json:"began" doc:"When the latest walk began; the year 1 when there was none."`
	Ended       time.Time    `json:"ended" doc:"When the latest complete walk ended; the year 1 when there was none."`
	Segments    int64        `json:"segments" doc:"Segments that the latest walk has compared so far."`
	Fragments   int64        `json:"fragments"`
	Bytes       int64        `json:"bytes" doc:"Bytes that it has read so far; all of the disk's footage at its end."`
	Differences map[Kind]int `json:"differences" doc:"What was found and stands, by kind."`
}

// FoundDifference is one that stands.
type FoundDifference struct {
	Kind    Kind      `json:"kind" enum:"missing-file,extra-file,size-mismatch,torn-tail,hash-mismatch,index-mismatch,overlapping,wrong-count,unreadable"`
	Disk    DiskID    `json:"disk"`
	Path    string    `json:"path" doc:"Below the disk's folder."`
	Segment SegmentID `json:"segment"`
	Code    string    `json:"code" doc:"What differs, for programs; \"\" of what an older version has found."`
	Detail  string    `json:"detail" doc:"What differs, in the language asked for."`
	First   time.Time `json:"first" doc:"When it was found first."`
	Last    time.Time `json:"last" doc:"When it was found last."`

	found Remark
}

// check is a walk as it is stored.
type check struct {
	CheckInfo
	before time.Time // when the one before ended
	at     mark
}

// complete says that there is nothing to go on with.
func (c *check) complete() bool { return c.Began.IsZero() || !c.Ended.Before(c.Began) }

func (a *Archive) loadChecks(ctx context.Context) (map[DiskID]*check, error) {
	const op = "archive.check"
	rows, err := a.db.QueryContext(ctx, "SELECT disk, began_us, ended_us, before_us, at_us, at_segment, segments, fragments, bytes FROM footage_checks")
	if err != nil {
		return nil, unreadable(err, op)
	}
	defer rows.Close()
	all := map[DiskID]*check{}
	for rows.Next() {
		c := &check{}
		var began, ended, before int64
		if err := rows.Scan(&c.Disk, &began, &ended, &before, &c.at.start, &c.at.id, &c.Segments, &c.Fragments, &c.Bytes); err != nil {
			return nil, unreadable(err, op)
		}
		c.Began = store.Time(began)
		if before > 0 {
			c.before = store.Time(before)
		}
		if c.Ended = c.before; ended > 0 {
			c.Ended = store.Time(ended)
		}
		all[c.Disk] = c
	}
	return all, rows.Err()
}

func putCheck(ctx context.Context, tx *store.Tx, c *check) error {
	var ended, before int64
	if c.complete() {
		ended = store.Micros(c.Ended)
	}
	if !c.before.IsZero() {
		before = store.Micros(c.before)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO footage_checks (disk, began_us, ended_us, before_us, at_us, at_segment, segments, fragments, bytes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (disk) DO UPDATE SET began_us = excluded.began_us, ended_us = excluded.ended_us,
		before_us = excluded.before_us, at_us = excluded.at_us, at_segment = excluded.at_segment, segments = excluded.segments,
		fragments = excluded.fragments, bytes = excluded.bytes`,
		c.Disk, store.Micros(c.Began), ended, before, c.at.start, c.at.id, c.Segments, c.Fragments, c.Bytes)
	return err
}

// saveCheck stores how far a walk has come.
func (a *Archive) saveCheck(ctx context.Context, c *check) error {
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return putCheck(ctx, tx, c) })
	return notStored(err, "archive.check")
}

// endCheck stores the end of a walk, takes away what it has not found again, counts what stands, and tells the journal.
func (a *Archive) endCheck(ctx context.Context, c *check, path string) error {
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if err := putCheck(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM footage_differences WHERE disk = ? AND last_us < ?
			AND segment NOT IN (SELECT id FROM open_segments)`, c.Disk, store.Micros(c.Began)); err != nil { // those are Recover's to say
			return err
		}
		if c.Differences, err = standing(ctx, tx, c.Disk); err != nil {
			return err
		}
		return tx.Emit("archive", "footage.checked", string(c.Disk), map[string]any{
			"path": path, "segments": c.Segments, "bytes": c.Bytes, "differences": c.Differences,
		})
	})
	return notStored(err, "archive.check")
}

// noteDifference stores one; known says that it stood already.
func (a *Archive) noteDifference(ctx context.Context, d Difference) (known bool, err error) {
	now := store.Micros(a.now())
	err = a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM footage_differences WHERE disk = ? AND path = ? AND kind = ?", d.Disk, d.Path, d.Kind).Scan(&n); err != nil {
			return err
		}
		known = n > 0
		args, err := json.Marshal(d.Found.Args)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO footage_differences (disk, path, kind, segment, detail, code, args, first_us, last_us)
			VALUES (?, ?, ?, ?, '', ?, ?, ?, ?) ON CONFLICT (disk, path, kind) DO UPDATE SET segment = excluded.segment, detail = excluded.detail,
			code = excluded.code, args = excluded.args, last_us = excluded.last_us`,
			d.Disk, d.Path, d.Kind, d.Segment, d.Found.Code, string(args), now, now)
		if err != nil || known {
			return err
		}
		return tx.Emit("archive", "footage.differs", string(d.Segment), map[string]any{
			"kind": d.Kind, "disk": d.Disk, "path": d.Path, "code": d.Found.Code, "args": d.Found.Args,
		})
	})
	return known, notStored(err, "archive.check")
}

// mendedDifference takes one away.
func (a *Archive) mendedDifference(ctx context.Context, d Difference) error {
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM footage_differences WHERE disk = ? AND path = ? AND kind = ?", d.Disk, d.Path, d.Kind)
		return err
	})
	return notStored(err, "archive.check")
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// standing counts the differences of a disk by kind.
func standing(ctx context.Context, q querier, id DiskID) (map[Kind]int, error) {
	rows, err := q.QueryContext(ctx, "SELECT kind, COUNT(*) FROM footage_differences WHERE disk = ? GROUP BY kind", id)
	if err != nil {
		return nil, unreadable(err, "archive.check")
	}
	defer rows.Close()
	counts := map[Kind]int{}
	for rows.Next() {
		var k Kind
		var n int
		if err := rows.Scan(&k, &n); err != nil {
			return nil, unreadable(err, "archive.check")
		}
		counts[k] = n
	}
	return counts, rows.Err()
}

// Differences lists those that stand, the latest first. Its text is still to be said, but where an older version wrote it.
func (a *Archive) Differences(ctx context.Context, limit int) ([]FoundDifference, error) {
	rows, err := a.db.QueryContext(ctx, "SELECT kind, disk, path, segment, detail, code, args, first_us, last_us FROM footage_differences ORDER BY first_us DESC, path LIMIT ?", limit)
	if err != nil {
		return nil, unreadable(err, "archive.check")
	}
	defer rows.Close()
	list := []FoundDifference{}
	for rows.Next() {
		var d FoundDifference
		var args string
		var first, last int64
		if err := rows.Scan(&d.Kind, &d.Disk, &d.Path, &d.Segment, &d.Detail, &d.Code, &args, &first, &last); err != nil {
			return nil, unreadable(err, "archive.check")
		}
		if d.found.Code = d.Code; args != "" {
			if err := json.Unmarshal([]byte(args), &d.found.Args); err != nil {
				return nil, unreadable(err, "archive.check")
			}
		}
		d.First, d.Last = store.Time(first), store.Time(last)
		list = append(list, d)
	}
	return list, rows.Err()
}

// say fills in what differs for a reader. What an older version wrote keeps its text.
func (d *FoundDifference) say(v *api.Voice, zone *time.Location) {
	if d.Code != "" {
		d.Detail = d.found.Say(v, zone)
	}
}

func notStored(err error, op string) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.KindOf(err), op, "archive.not-stored")
}
