package record

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
)

// childDir, when set, makes the test binary the process that is killed.
const childDir = "LINLI_RECORD_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := recordForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// witness tells the parent of every fragment that the kernel has taken: from then on a killed process must not lose it.
type witness struct {
	file.OS
	mu  sync.Mutex
	out io.Writer
}

func (w *witness) Create(name string) (file.File, error) {
	f, err := w.OS.Create(name)
	if err != nil {
		return nil, err
	}
	return &witnessed{File: f, w: w, name: name}, nil
}

func (w *witness) SyncGroup(files []file.File, dirs []string) error {
	plain := make([]file.File, len(files))
	for i, f := range files {
		plain[i] = f
		if x, ok := f.(*witnessed); ok {
			plain[i] = x.File
		}
	}
	return w.OS.SyncGroup(plain, dirs)
}

type witnessed struct {
	file.File
	w    *witness
	name string
}

func (f *witnessed) WriteBuffers(bufs [][]byte, off int64) (int64, error) {
	seal := string(bufs[len(bufs)-1]) // before the call: it may change the slice
	n, err := f.File.WriteBuffers(bufs, off)
	if err == nil && len(seal) == archive.SealSize {
		f.w.mu.Lock()
		fmt.Fprintf(f.w.out, "%s %d %s\n", f.name, off, hex.EncodeToString([]byte(seal[68:100])))
		f.w.mu.Unlock()
	}
	return n, err
}

func recordForEver(dir string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "linli.db")})
	if err != nil {
		return err
	}
	a, err := archive.New(ctx, archive.Options{DB: db})
	if err != nil {
		return err
	}
	r, err := New(Options{
		Archive: a, Disks: []Disk{{Path: filepath.Join(dir, "disk")}}, SyncEvery: 50 * time.Millisecond, Retry: 20 * time.Millisecond,
		SegmentLength: 20 * time.Second, Reserve: 1, FS: &witness{out: os.Stdout}, Memory: time.Hour,
	})
	if err != nil {
		return err
	}
	for i := range 8 {
		reel := newReel(stream.ID{Camera: fmt.Sprint("c", i), Which: stream.Main}, time.Now(), time.Second, 60_000)
		go func() {
			for range time.Tick(15 * time.Millisecond) {
				r.Sink(reel.id).Fragment(reel.next())
			}
		}()
	}
	return r.Run(ctx)
}

// The process is killed under load, again and again on the same data. Whatever the kernel had taken is there, whole, and
// rows and files agree.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(4, 2))
	taken := map[string]string{} // file and offset → hash
	for round := range soak(5, 200) {
		killOne(t, exe, dir, time.Duration(300+rnd.IntN(700))*time.Millisecond, taken)
		comparePromised(t, dir, taken, round)
		if round%20 == 19 {
			taken, dir = map[string]string{}, t.TempDir()
		}
	}
}

func killOne(t *testing.T, exe, dir string, after time.Duration, taken map[string]string) {
	t.Helper()
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	lines := bufio.NewScanner(out)
	n := 0
	for lines.Scan() {
		once.Do(func() { time.AfterFunc(after, func() { cmd.Process.Kill() }) }) //nolint:errcheck // it is killed or gone
		f := strings.Fields(lines.Text())
		if len(f) == 3 && len(f[2]) == 64 {
			taken[f[0]+" "+f[1]] = f[2]
			n++
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	if n == 0 {
		t.Fatal("the child wrote nothing")
	}
}

func comparePromised(t *testing.T, dir string, taken map[string]string, round int) {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "linli.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := newArchive(t, db, nil)
	root := filepath.Join(dir, "disk")
	id, err := a.AttachDisk(ctx, archive.DiskConfig{Path: root})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Recover(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	for i := range 8 {
		list, err := a.Segments(ctx, fmt.Sprint("c", i), archive.Main, time.Now().Add(-24*time.Hour), time.Now().Add(24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			entries, err := s.Entries(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				there[fmt.Sprintf("%s %d", filepath.Join(root, s.Path), e.Offset)] = hex.EncodeToString(e.Hash[:])
			}
		}
	}
	for k, h := range taken {
		if there[k] != h {
			t.Fatalf("round %d: %s was written and is not there", round, k)
		}
	}
	r, err := a.Fsck(ctx, archive.FsckOptions{Report: func(d archive.Difference) {
		if d.Kind != archive.Overlapping { // each round's cameras begin anew, faster than time runs
			t.Errorf("round %d: %+v", round, d)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("round %d: %d fragments promised, %d there, %d segments recovered, %d bytes cut, %d read at start, fsck read %d",
		round, len(taken), len(there), sum.Segments, sum.Truncated, sum.Read, r.Bytes)
}
