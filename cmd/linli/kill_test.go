package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"linli.dev/linli/demo/camsim"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
)

const (
	mostLost = 2 * time.Second // a killed process loses the open fragment, from the camera's packet on
	quota    = 60 << 20
	oldSize  = 40_000 // bytes of an old segment
)

// The program is killed in the middle of everything, again and again on the same data: cameras send over TCP and UDP, people watch by
// each way there is, look back, take clips and mark moments, and footage beyond the disk's quota is being deleted. Whatever it
// had told anybody by then is true afterwards; and at last it is told to stop, under the same load, and stops within 5 s.
func TestKilledUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	both(t, func(t *testing.T, database string) {
		rounds := 3
		if database != "" {
			rounds = 2
		}
		if os.Getenv("LINLI_SOAK") != "" {
			rounds = 100
		}
		sim, err := camsim.New(camsim.Options{Count: 4, Listen: "127.0.0.1:0", Ctl: ""})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = sim.Close() })
		tcp, udp := newWitness(t, false), newWitness(t, true)
		h := newHouse(t, database)
		h.flags = []string{"--disk", fmt.Sprintf("%s=%d", h.disk, int64(quota))}
		k := &killing{house: h, said: noPromises(), witnesses: map[string]*witness{}, rnd: rand.New(rand.NewPCG(8, uint64(len(database))))}

		h.begin()
		h.signIn()
		for i := range 4 {
			h.register(fmt.Sprintf("东门 %d", i+1), sim.URL(i, "main"), sim.URL(i, "sub"))
		}
		k.witnesses[h.register("证人一", tcp.address(), "")] = tcp
		k.witnesses[h.register("证人二", udp.address(), "")] = udp
		h.until("every camera is recorded", 30*time.Second, func() bool { return k.recordedSince(k.began) })
		if _, took, err := h.interrupt(); err != nil || took > 5*time.Second {
			t.Errorf("stopped in %v: %v", took, err)
		}

		for round := range rounds {
			k.round(round)
		}
		if k.amid == 0 {
			t.Error("no round was killed while it deleted")
		}
		k.stop()
	})
}

// killing is a house that is killed in rounds, and what it has promised.
type killing struct {
	*house
	said      *promises
	witnesses map[string]*witness // by camera
	rnd       *rand.Rand
	began     time.Time
	old       int // segments that were put there to be deleted
	amid      int // rounds in which a deletion was under way
}

func (k *killing) recordedSince(from time.Time) bool {
	for _, camera := range k.cameras {
		spans, err := k.spans(camera, "main", time.Now().Add(-time.Hour))
		if err != nil || len(spans) == 0 || !spans[len(spans)-1].To.After(from) {
			return false
		}
	}
	return true
}

func (k *killing) round(round int) {
	t := k.t
	amid := round%3 == 1
	k.ageing(map[bool]int{false: 1700, true: 2600}[amid])
	k.began = time.Now()
	purged := k.said.purgesSeen()
	ready := k.begin()
	c := k.crowd(k.said)
	if amid { // as soon as it deletes and the cameras send
		k.until("a deletion", 20*time.Second, func() bool {
			for _, w := range k.witnesses {
				if w.open() == 0 {
					return false
				}
			}
			return k.said.purgesSeen() >= purged+2
		})
		time.Sleep(100 * time.Millisecond)
	} else {
		k.until("everybody is served", 40*time.Second, func() bool { return c.busy() && k.recordedSince(k.began) })
		time.Sleep(time.Duration(k.rnd.IntN(2000)) * time.Millisecond)
	}
	killed := k.kill()
	sent := map[string]time.Duration{} // before the next start asks them anew
	for camera, w := range k.witnesses {
		sent[camera] = w.playedBy(killed, k.began)
	}
	c.leave()
	t.Logf("round %d: ready after %v, killed after %v: %v", round, ready.Round(time.Millisecond), killed.Sub(k.began).Round(time.Millisecond), c)
	k.archive(func(ctx context.Context, a *archive.Archive, db *store.DB) {
		var n int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM purge_list").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 || a.Disks()[0].Used > quota {
			k.amid++
		}
	})

	again := k.begin()
	t.Logf("round %d: there again after %v", round, again.Round(time.Millisecond))
	k.compareSaid(round)
	k.compareFootage(round, killed, sent)
	k.until("cameras hold one session of ours each", 20*time.Second, func() bool { // those of the killed one are torn down
		for _, w := range k.witnesses {
			if w.open() != 1 {
				return false
			}
		}
		return true
	})
	k.fsck()
	if _, took, err := k.interrupt(); err != nil || took > 5*time.Second {
		t.Errorf("round %d: stopped in %v: %v", round, took, err)
	}
}

// ageing puts old footage on the disk, more than its quota holds, so that the next start has something to delete.
func (k *killing) ageing(n int) {
	k.t.Helper()
	tracks := []cmaf.Track{{ID: 1, Codec: cmaf.H264, Timescale: 90000, Width: 320, Height: 240, SPS: someFilm(k.t).sps, PPS: someFilm(k.t).pps}}
	k.archive(func(ctx context.Context, a *archive.Archive, _ *store.DB) {
		disk := a.Disks()[0]
		body := make([]byte, oldSize)
		const batch = 300
		for first := 0; first < n; first += batch {
			var list []archive.Segment
			var entries []archive.Entry
			for range min(batch, n-first) {
				start := time.Now().Add(-30 * 24 * time.Hour).Truncate(time.Second).Add(time.Duration(k.old) * 10 * time.Second)
				k.old++
				id := archive.SegmentID(store.NewID())
				s := archive.Segment{
					ID: id, Camera: "old", Which: archive.Main, Disk: disk.ID, Run: start.UnixMicro(), Start: start, Tracks: tracks,
					Init: cmaf.AppendInit(nil, tracks, []uint64{0}),
				}
				s.Path = path.Join("footage", "old", "main", start.Format(time.DateOnly), start.Format("150405")+"-"+string(id)+".mp4")
				binary.BigEndian.PutUint64(body, uint64(k.old))
				b := append([]byte(nil), s.Init...)
				frag := append(cmaf.AppendChunkHead(nil, 1, 1, 0, []cmaf.Sample{{Duration: 900_000, Size: oldSize, Key: true}}), body...)
				e := archive.Entry{Offset: int64(len(b)), Size: uint32(len(frag)), Start: start, Duration: 10 * time.Second, Key: true, Hash: sha256.Sum256(frag)}
				b = append(b, frag...)
				b = archive.AppendSeal(b, archive.Seal{Key: true, Hashed: true, Sequence: 1, Start: start, Duration: e.Duration, Run: s.Run, Size: e.Size, Hash: e.Hash})
				name := filepath.Join(disk.Path, filepath.FromSlash(s.Path))
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					k.t.Fatal(err)
				}
				if err := os.WriteFile(name, b, 0o600); err != nil {
					k.t.Fatal(err)
				}
				list, entries = append(list, s), append(entries, e)
			}
			if err := a.Begin(ctx, list...); err != nil {
				k.t.Fatal(err)
			}
			var ids []archive.SegmentID
			for i, s := range list {
				a.Append(s.ID, entries[i])
				ids = append(ids, s.ID)
			}
			if err := a.Finish(ctx, ids...); err != nil {
				k.t.Fatal(err)
			}
		}
	})
}

// compareSaid asks the server that stands there now for all that the one before has answered.
func (k *killing) compareSaid(round int) {
	t := k.t
	k.said.mu.Lock()
	defer k.said.mu.Unlock()

	looks := map[string]string{}
	for before := ""; ; {
		var page struct {
			Looks []struct {
				ID, Kind, Why string
				End           *time.Time
			}
			Next string
		}
		k.call(k.operator, "GET", "/api/looks?limit=500&before="+before, nil, &page)
		for _, l := range page.Looks {
			looks[l.ID] = l.Kind
			if l.End == nil || l.Why == "" {
				t.Errorf("round %d: the look %s of %s goes on, and nobody looks (%q)", round, l.ID, l.Kind, l.Why)
			}
		}
		if before = page.Next; before == "" {
			break
		}
	}
	begun, ended := k.entries("look.begun"), map[string]int{}
	k.until("the ledger has the ends of all looks", 10*time.Second, func() bool { // a beginning stands there at once, an end follows
		ended = k.entries("look.ended")
		return len(ended) >= len(begun)
	})
	for id, kind := range k.said.looks {
		if looks[id] != kind {
			t.Errorf("round %d: a look at %s was given, and is not on record", round, kind)
		}
		if begun[id] != 1 || ended[id] != 1 {
			t.Errorf("round %d: a look at %s was given, and the ledger has it begun %d times and ended %d times", round, kind, begun[id], ended[id])
		}
	}

	var holds struct{ Holds []struct{ ID, Camera string } }
	k.call(k.operator, "GET", "/api/holds", nil, &holds)
	held := map[string]string{}
	for _, x := range holds.Holds {
		held[x.ID] = x.Camera
	}
	for id, camera := range k.said.holds {
		if held[id] != camera {
			t.Errorf("round %d: the hold %s was promised, and is not there", round, id)
		}
	}

	var purges struct{ Purges []purgeSaid }
	k.call(k.operator, "GET", "/api/purges", nil, &purges)
	gone := map[string]purgeSaid{}
	deleted := 0
	for _, p := range purges.Purges {
		gone[p.key()] = p
		deleted += p.Segments
		if p.Camera != "old" {
			t.Errorf("round %d: footage of today was deleted: %+v", round, p)
		}
	}
	for key, p := range k.said.purges {
		if now := gone[key]; now != p {
			t.Errorf("round %d: deleted was %+v, and is now %+v", round, p, now)
		}
	}
	if deleted == 0 {
		t.Errorf("round %d: nothing was deleted beyond the quota", round)
	}

	k.archive(func(ctx context.Context, a *archive.Archive, db *store.DB) {
		there := map[int64]string{}
		for after := int64(0); ; {
			list, err := db.Events(ctx, after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			for _, e := range list {
				there[e.Seq], after = e.Kind, e.Seq
			}
		}
		for seq, kind := range k.said.events {
			if there[seq] != kind {
				t.Errorf("round %d: event %d was %s, and is %q", round, seq, kind, there[seq])
			}
		}
		// Every old segment is there, or on record as deleted; this server may be deleting, so the sum is asked for until it holds.
		k.until("old footage is there or deleted on record", 10*time.Second, func() bool {
			left, err := a.Segments(ctx, "old", archive.Main, time.Now().AddDate(-1, 0, 0), time.Now().AddDate(1, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.QueryRowContext(ctx, "SELECT COALESCE(SUM(segments), 0) FROM purges").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return len(left)+n == k.old
		})
	})

	for stream, promised := range k.said.spans {
		camera := path.Dir(stream)
		k.until(fmt.Sprintf("round %d: %s has the footage that was listed", round, stream), 10*time.Second, func() bool {
			now, err := k.spans(camera, "main", time.Now().Add(-2*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range promised {
				covered := false
				for _, s := range now {
					covered = covered || !s.From.After(want.From) && !s.To.Before(want.To)
				}
				if !covered {
					return false
				}
			}
			return true
		})
	}
}

// entries counts the ledger's entries of a kind by the look that they are about.
func (k *killing) entries(kind string) map[string]int {
	k.t.Helper()
	out := map[string]int{}
	for before := int64(0); ; {
		var page struct {
			Entries []struct{ Row struct{ Look string } }
			Next    int64
		}
		k.call(k.operator, "GET", fmt.Sprintf("/api/ledger/entries?limit=500&kind=%s&before=%d", kind, before), nil, &page)
		for _, e := range page.Entries {
			out[e.Row.Look]++
		}
		if before = page.Next; before == 0 {
			return out
		}
	}
}

// compareFootage reads from the disk what was read before, and counts the witnesses' pictures. sent: for how long each had sent.
func (k *killing) compareFootage(round int, killed time.Time, sent map[string]time.Duration) {
	t := k.t
	k.archive(func(ctx context.Context, a *archive.Archive, _ *store.DB) {
		k.said.mu.Lock()
		for at, sum := range k.said.pieces {
			b := make([]byte, at.size)
			s, err := a.Segment(ctx, archive.SegmentID(at.segment))
			if err != nil {
				t.Errorf("round %d: segment %s was read, and is not there: %v", round, at.segment, err)
				continue
			}
			r, err := a.Open(ctx, &s)
			if err != nil {
				t.Errorf("round %d: %v", round, err)
				continue
			}
			if _, err := r.ReadAt(b, at.offset); err != nil || sha256.Sum256(b) != sum {
				t.Errorf("round %d: %+v is not what was read: %v", round, at, err)
			}
			r.Close()
		}
		n := len(k.said.pieces)
		k.said.mu.Unlock()

		for camera, w := range k.witnesses {
			pictures := k.pictures(ctx, a, camera, w, k.began, killed)
			if len(pictures) == 0 {
				if sent[camera] > 2*mostLost { // a key frame was waited for, and a fragment written
					t.Errorf("round %d: nothing of a witness is there", round)
				}
				continue
			}
			last := pictures[len(pictures)-1]
			lost := killed.Sub(w.sentAt(last))
			if lost > mostLost {
				t.Errorf("round %d: lost is what the camera sent within %v before the kill", round, lost)
			}
			for i := 1; i < len(pictures); i++ {
				if pictures[i] != pictures[i-1]+1 {
					t.Errorf("round %d: after picture %d comes %d", round, pictures[i-1], pictures[i])
				}
			}
			t.Logf("round %d: %d pictures of a witness, all in a row, the last sent %v before the kill; %d pieces as they were", round, len(pictures), lost.Round(time.Millisecond), n)
		}
	})
}

// stop is Ctrl-C under load: the end within 5 s, everybody gone, and what the cameras had sent by then is footage.
func (k *killing) stop() {
	t := k.t
	k.began = time.Now()
	k.begin()
	c := k.crowd(k.said)
	k.until("everybody is served", 40*time.Second, func() bool { return c.busy() && k.recordedSince(k.began) })
	at, took, err := k.interrupt()
	c.leave()
	if err != nil || took > 5*time.Second {
		t.Errorf("told to stop under load, it stopped after %v: %v", took, err)
	}
	k.archive(func(ctx context.Context, a *archive.Archive, db *store.DB) {
		for camera, w := range k.witnesses {
			pictures := k.pictures(ctx, a, camera, w, k.began, at.Add(time.Minute))
			if len(pictures) == 0 {
				t.Error("nothing of a witness is there")
				continue
			}
			missing := at.Sub(w.sentAt(pictures[len(pictures)-1]))
			if missing > 500*time.Millisecond {
				t.Errorf("what the camera sent within %v before SIGINT is not there", missing)
			}
			t.Logf("stopped under load within %v; the last picture was sent %v before SIGINT", took.Round(time.Millisecond), missing.Round(time.Millisecond))
		}
		for _, table := range []string{"open_segments", "open_indexes"} {
			var n int
			if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil || n > 0 {
				t.Errorf("%d rows are left in %s: %v", n, table, err)
			}
		}
		var open int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM looks WHERE end_us = 0").Scan(&open); err != nil || open > 0 {
			t.Errorf("%d looks are left open: %v", open, err)
		}
	})
	for _, w := range k.witnesses {
		k.until("the camera is let go", 5*time.Second, func() bool { return w.open() == 0 })
	}
	k.fsck()
}
