package api

import (
	"net/http"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

// FailAs is Fail with the status that a protocol asks for, where that is not its kind's.
func FailAs(w http.ResponseWriter, r *http.Request, status int, err *fault.Error) {
	x := exchangeFrom(r.Context())
	if x == nil { // outside of a Server, in a room's unit test
		x = &exchange{s: &Server{words: newWords(nil)}, lang: "en"}
	}
	x.cause = err
	p := x.build(err)
	p.as(x, status)
	p.write(w)
}

// ownWords are this package's sentences alone.
var ownWords = sync.OnceValue(func() *words {
	w := newWords(time.UTC)
	if err := w.add(Messages(messages)); err != nil {
		panic("api: its own sentences: " + err.Error()) // a mistake in this package; New would not have come so far
	}
	return w
})

// outside answers a request that does not reach the Server, with a problem in the caller's language.
func outside(w http.ResponseWriter, r *http.Request, err *fault.Error) {
	x := &exchange{s: &Server{words: ownWords()}, lang: ownWords().pick(r.Header.Get("Accept-Language"))}
	x.build(err).write(w)
}
