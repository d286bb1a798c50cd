package api

import (
	"io/fs"
	"net/http"
)

// ownRoom is what the server serves by itself.
type ownRoom struct{ s *Server }

func (ownRoom) Name() string { return "api" }

func (ownRoom) Messages() fs.FS {
	return Messages(messages)
}

// rootPattern catches what no route took: the pages, and paths that do not exist.
const rootPattern = "/"

func (o ownRoom) Routes(r *Router) {
	s := o.s
	tag := "System"
	r.Raw("GET", "/healthz", Op{ID: "healthz", Permission: Public, Unasked: true, Tag: tag, Replies: "text/plain", Summary: "Whether the process is alive"},
		http.HandlerFunc(s.healthz))
	r.Raw("GET", "/readyz", Op{ID: "readyz", Permission: Public, Unasked: true, Tag: tag, Replies: "text/plain", Summary: "Whether it can do its work: the names of the checks and ok or failed"},
		http.HandlerFunc(s.readyz))
	// Metrics tell which cameras are down and when: for staff and their programs only.
	r.Raw("GET", "/metrics", Op{ID: "metrics", Permission: "system.read", Tag: tag, Replies: "text/plain", Summary: "Figures for Prometheus", Description: "Scrape with a token that holds system.read."},
		s.metrics.handler())
	r.Raw("GET", "/openapi.json", Op{ID: "openapi", Permission: Public, Tag: tag, Replies: "application/openapi+json", Summary: "This description, OpenAPI 3.1"},
		http.HandlerFunc(s.serveSpec))
	r.Raw("GET", "/docs", Op{ID: "docs", Permission: Public, Tag: tag, Replies: "text/html", Summary: "This description, to read"},
		http.HandlerFunc(s.serveDocs))
	r.Raw("GET", "/docs/docs.css", Op{ID: "docsStyle", Permission: Public, Tag: tag, Replies: "text/css", Summary: "How the description looks"},
		http.HandlerFunc(s.serveDocsStyle))
	if s.opt.Journal != nil {
		r.Raw("GET", "/api/events", Op{
			ID: "events", Permission: "journal.read", Tag: tag, Replies: "text/event-stream", Summary: "Changes as they happen",
			Description: "Server-sent events from the journal. Each message is JSON: seq, at, room, kind, subject, data; its id is the seq. " +
				"It begins after Last-Event-ID, or ?after=, or now. ?rooms=camera,look keeps to some rooms. A message of kind " +
				"journal.reset says that events were missed: read everything anew. Only events that the caller may read are sent.",
		}, http.HandlerFunc(s.serveEvents))
	}
	s.mux.Handle(rootPattern, http.HandlerFunc(s.serveRoot))
}
