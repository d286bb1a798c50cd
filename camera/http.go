package camera

import (
	"context"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// Permissions of the room.
const (
	MayRead   = "camera.read"
	MayWrite  = "camera.write"
	MayImport = "camera.import"
	MayTest   = "camera.test"
)

// Name of the room.
func (s *Service) Name() string { return "camera" }

// Messages of the room.
func (s *Service) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	s.deviceRoutes(r)
	s.cameraRoutes(r)
	s.healthRoutes(r)
	s.importRoutes(r)
	s.findRoutes(r)
	s.otherWayRoutes(r)
	api.Post(r, "/api/source-tests", api.Op{
		ID: "testSource", Permission: MayTest, Summary: "What does this camera send?",
		Description: "Connects, listens for some seconds and says what comes, with advice. No picture leaves this route. A camera that does not answer is an answer (200) with the reason; 429: not to be tried now.",
	}, s.httpTest)
}

// Versioned is an embedded input; huma fills exported structs only.
type Versioned struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was seen"`
}

// version reads the seen version from the header, else from the body. 0: not
// given; -1: whatever it is.
func (v Versioned) version(body int64) (int64, error) {
	tag := strings.TrimSpace(v.IfMatch)
	if tag == "" {
		return body, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "camera.version", "camera.version-needed")
	}
	return n, nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

func mayEdit(ctx context.Context) bool { return api.CallerFrom(ctx).May(MayWrite) }

// say is api.Say for a map of values.
func say(ctx context.Context, code string, args map[string]any) string {
	kv := make([]any, 0, 2*len(args))
	for k, v := range args {
		kv = append(kv, k, v)
	}
	return api.Say(ctx, code, kv...)
}

func sayWarnings(ctx context.Context, ws []Warning) []Warning {
	out := make([]Warning, len(ws))
	for i, w := range ws {
		w.Detail = say(ctx, w.Code, w.Args)
		out[i] = w
	}
	return out
}

type testInput struct{ Body TestRequest }

type testOutput struct{ Body *TestAnswer }

func (s *Service) httpTest(ctx context.Context, in *testInput) (*testOutput, error) {
	a, err := s.Test(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	a.words(ctx)
	return &testOutput{a}, nil
}

// words puts the sentences of an answer into the caller's language.
func (a *TestAnswer) words(ctx context.Context) {
	for _, r := range a.Streams {
		r.Failure.speak(ctx)
		r.Do.speak(ctx)
		for i := range r.Words {
			r.Words[i].speak(ctx)
		}
		for i := range r.Advice {
			r.Advice[i].speak(ctx)
		}
	}
}

// speak puts a sentence, if there is one, into words.
func (x *Sentence) speak(ctx context.Context) {
	if x == nil {
		return
	}
	kv := make([]any, 0, 2*len(x.Args))
	for k, v := range x.Args {
		kv = append(kv, k, v)
	}
	x.Texts = map[string]string{}
	for _, language := range []string{"zh", "en"} {
		x.Texts[language] = api.VoiceOf(ctx).In(language).Say(x.Code, kv...)
	}
	x.Text = x.Texts[api.Language(ctx)]
}

// SpanInput is a stretch of time; without it, the last seven days.
type SpanInput struct {
	From time.Time `query:"from" doc:"RFC 3339; seven days before to when left out"`
	To   time.Time `query:"to" doc:"RFC 3339; now when left out"`
}

func (in SpanInput) span(now time.Time) (from, to time.Time, err error) {
	from, to = in.From, in.To
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -7)
	}
	if !from.Before(to) || to.Sub(from) > keepOutages {
		return from, to, fault.New(fault.Invalid, "camera.span", "camera.span", "days", int(keepOutages/(24*time.Hour)))
	}
	return from, to, nil
}
