package grant

import (
	"io"
	"math"
	"net/http"
	"time"
)

const (
	piece     = 64 << 10  // bytes written between two looks at the lease
	filePiece = 256 << 10 // the same, where the kernel carries them from the file to the socket
)

// writer stops sending bytes when its lease ends.
type writer struct {
	http.ResponseWriter
	lease   *Lease
	control *http.ResponseController
}

// Writer wraps w so that no byte leaves after the lease has ended: it is asked before each piece of
// 64 KiB, and a write that hangs at its end is broken off. Sending counts as being looked at.
func Writer(l *Lease, w http.ResponseWriter) http.ResponseWriter {
	return &writer{ResponseWriter: w, lease: l, control: http.NewResponseController(w)}
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	if w.lease.Err() == nil {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *writer) Write(p []byte) (int, error) {
	defer w.cutOff()()
	written := 0
	for {
		if err := w.lease.Err(); err != nil {
			return written, err
		}
		n, err := w.ResponseWriter.Write(p[:min(len(p), piece)])
		written += n
		p = p[n:]
		if err != nil || len(p) == 0 {
			return written, err
		}
		w.lease.Beat()
	}
}

// ReadFrom goes in pieces too. A piece of a file stays one, so that the kernel can carry it.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	outer, limited := r.(*io.LimitedReader)
	if !limited {
		outer = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	var written int64
	defer w.cutOff()()
	for outer.N > 0 {
		if err := w.lease.Err(); err != nil {
			return written, err
		}
		size := min(outer.N, filePiece)
		n, err := io.Copy(w.ResponseWriter, &io.LimitedReader{R: outer.R, N: size})
		written += n
		outer.N -= n
		if err != nil || n < size {
			return written, err
		}
		w.lease.Beat()
	}
	return written, nil
}

func (w *writer) Flush() {
	if w.lease.Err() == nil {
		defer w.cutOff()()
		_ = w.control.Flush()
	}
}

// cutOff breaks a write that hangs on a slow viewer at the moment the lease ends, until the returned
// func is called.
func (w *writer) cutOff() (release func()) {
	stop := w.lease.OnEnd(func() { _ = w.control.SetWriteDeadline(time.Unix(1, 0)) })
	return func() {
		if !stop() {
			// The connection may serve another request; what this one left unsent stays unsent.
			_ = w.control.SetWriteDeadline(time.Time{})
		}
	}
}
