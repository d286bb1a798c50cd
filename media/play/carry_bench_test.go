package play

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/media/archive"
)

// What a megabyte of an export costs this process, with a client of its own process: carried by the system, or through
// this program's memory; over plain HTTP and over TLS.
func BenchmarkServing(b *testing.B) {
	f := gateFilm(b)
	s := tape(f, nil, 1)
	for i := range 17 {
		s.add(f, nil, 1, 7, noon.Add(time.Duration(i+1)*10*time.Second), 900000+uint64(i+1)*900000)
	}
	s.rename()
	curl, err := exec.LookPath("curl")
	if err != nil {
		b.Skip(err)
	}
	for _, carried := range []bool{true, false} {
		for _, way := range []string{"http", "https", "h2"} {
			b.Run(fmt.Sprintf("%s carried=%v", way, carried), func(b *testing.B) {
				c := build(b, s, func(o *Options) {
					if d := s.onDisk(b); carried {
						o.Footage = d
					} else {
						o.Footage = plainDisk{d}
					}
				})
				house := api.New(api.Options{Auth: c})
				if err := house.Add(c.room); err != nil {
					b.Fatal(err)
				}
				server := httptest.NewUnstartedServer(house.Handler())
				server.EnableHTTP2 = way == "h2"
				server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
				if way == "http" {
					server.Start()
				} else {
					server.StartTLS()
				}
				defer server.Close()
				l := c.look(grant.Export, 0, 3*time.Minute)
				url := server.URL + "/media/" + l.ID + "/export.mp4"
				var spent time.Duration
				for b.Loop() {
					var list []string
					for range 8 {
						list = append(list, "-o", "/dev/null", url)
					}
					before := cpu()
					out, err := exec.Command(curl, append([]string{"-s", "-S", "-f", "-k", "-b", "linli_session=zhao-pc"}, list...)...).CombinedOutput()
					if err != nil {
						b.Fatalf("%v: %s", err, out)
					}
					spent += cpu() - before
				}
				_, body := c.get(l, "export.mp4")
				b.ReportMetric(float64(spent.Microseconds())/(float64(b.N)*8*float64(len(body))/1e6), "µs-CPU/MB")
			})
		}
	}
}

// plainDisk hides that its files can be carried.
type plainDisk struct{ *onDisk }

func (d plainDisk) OpenSegment(ctx context.Context, id archive.SegmentID) (archive.Reader, error) {
	r, err := d.onDisk.OpenSegment(ctx, id)
	return struct{ archive.Reader }{r}, err
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
