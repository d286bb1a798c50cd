package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

// pages are the files of the web UI. They are read once; the compressed form is made when it is first asked for.
type pages struct {
	fsys  fs.FS
	mu    sync.Mutex
	files map[string]*page
}

type page struct {
	kind, tag     string
	plain, packed []byte
	packing       sync.Once
}

// Pages serves a built web UI at /. A path that is no file shows index.html, whose own routes take over; files under
// assets/ carry a hash in their name and are kept by browsers for ever.
func (s *Server) Pages(fsys fs.FS) {
	s.pages = &pages{fsys: fsys, files: map[string]*page{}}
}

// serveRoot takes what no route took.
func (s *Server) serveRoot(w http.ResponseWriter, r *http.Request) {
	api := strings.HasPrefix(r.URL.Path, "/api/") || isMedia(r.URL.Path) || r.URL.Path == "/api" || r.URL.Path == "/media"
	if methods := s.methodsAt(r); len(methods) > 0 {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		x := exchangeFrom(r.Context())
		p := x.build(fault.New(fault.Invalid, "api.route", "api.wrong-method", "method", r.Method, "allowed", methods))
		p.as(x, http.StatusMethodNotAllowed)
		p.write(w)
		return
	}
	if api || r.Method != http.MethodGet && r.Method != http.MethodHead {
		shown := r.URL.Path
		if isMedia(shown) {
			shown = "/media/…"
		}
		Fail(w, r, fault.New(fault.NotFound, "api.route", "api.no-route", "path", shown))
		return
	}
	if s.pages == nil {
		Fail(w, r, fault.New(fault.NotFound, "api.pages", "api.no-page"))
		return
	}
	s.pages.serve(w, r)
}

func (p *pages) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" || name == "." {
		name = "index.html"
	}
	f := p.file(name)
	if f == nil {
		if path.Ext(name) != "" && name != "index.html" { // a missing picture or script must not come back as a page
			Fail(w, r, fault.New(fault.NotFound, "api.pages", "api.no-page"))
			return
		}
		name = "index.html"
		if f = p.file(name); f == nil {
			Fail(w, r, fault.New(fault.Unavailable, "api.pages", "api.not-built"))
			return
		}
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	body := f.plain
	tag := f.tag
	if acceptsGzip(r) && r.Header.Get("Range") == "" {
		if packed := f.pack(); packed != nil {
			body, tag = packed, f.tag+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Etag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func (p *pages) file(name string) *page {
	if !fs.ValidPath(name) || strings.HasPrefix(path.Base(name), ".") {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if f, ok := p.files[name]; ok {
		return f
	}
	raw, err := fs.ReadFile(p.fsys, name)
	if err != nil {
		return nil // not kept: strangers can ask for any name
	}
	sum := sha256.Sum256(raw)
	f := &page{plain: raw, tag: hex.EncodeToString(sum[:8]), kind: kindOfFile(name)}
	p.files[name] = f
	return f
}

func (f *page) pack() []byte {
	f.packing.Do(func() {
		if !compressible(f.kind) || len(f.plain) < worthIt {
			return
		}
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return
		}
		_, _ = z.Write(f.plain)
		_ = z.Close()
		if b.Len() < len(f.plain) {
			f.packed = b.Bytes()
		}
	})
	return f.packed
}

// kindOfFile does not ask the machine first: a server without /etc/mime.types must serve scripts too.
func kindOfFile(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
