package api

import (
	"context"
	"net/http"
	"time"
)

// exchange is one request on its way through the server.
type exchange struct {
	s       *Server
	w       http.ResponseWriter
	id      string
	lang    string
	account string
	kind    string // of the caller
	cause   error  // what a problem was made of, for the log
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

func (x *exchange) bodyIsRead() {
	if x != nil {
		// Not every ResponseWriter can (httptest's): then there is no deadline either.
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
	}
}

// RequestID is the number of the request in the log and in problem replies; "" outside of one.
func RequestID(ctx context.Context) string {
	if x := exchangeFrom(ctx); x != nil {
		return x.id
	}
	return ""
}

// Language is the language the caller reads, "zh" or "en".
func Language(ctx context.Context) string {
	if x := exchangeFrom(ctx); x != nil {
		return x.lang
	}
	return "zh"
}

// Say is a sentence of a message file in the caller's language. args are key, value pairs.
func Say(ctx context.Context, code string, args ...any) string {
	return VoiceOf(ctx).Say(code, args...)
}
