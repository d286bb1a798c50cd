package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is what sort of trouble it is. There are no others: a new situation is a new code, not a new kind.
type Kind string

const (
	Invalid         Kind = "invalid"         // what was asked makes no sense; asking again will not help
	Unauthenticated Kind = "unauthenticated" // nobody is signed in
	Denied          Kind = "denied"          // known who it is, and they may not
	NotFound        Kind = "not-found"       // it is not there, or not for them
	Conflict        Kind = "conflict"        // it clashes with what is there now
	Stale           Kind = "stale"           // it is no longer what the caller saw; read it again
	Gone            Kind = "gone"            // it was there, and has ended
	TooMany         Kind = "too-many"        // slow down; see RetryAfter
	Unsupported     Kind = "unsupported"     // this server or this camera cannot do that
	Unavailable     Kind = "unavailable"     // not now; later it may work
	TooLarge        Kind = "too-large"       // more than is taken at once
	Internal        Kind = "internal"        // our mistake
)

// Error is a fault. Make it with New or Wrap; add Fields and RetryAfter where they help.
type Error struct {
	Kind       Kind
	Op         string         // the operation, "room.verb"
	Code       string         // key of the sentence, "room.what-is-wrong"
	Args       map[string]any // values for the {names} in the sentence; they are shown, so no secrets
	Fields     []Field        // the bad fields of a form or cells of a table
	Err        error          // the cause, for operators
	RetryAfter time.Duration  // 0: not stated
}

// Field is one bad field, or cell.
type Field struct {
	Path string // as the client wrote it: "retention.main", "rows[3].name", "C7"
	Code string
	Args map[string]any
}

// New makes a fault. args are key, value pairs for the sentence.
func New(kind Kind, op, code string, args ...any) *Error {
	return &Error{Kind: kind, Op: op, Code: code, Args: pairs(args)}
}

// Wrap makes a fault with a cause. A nil cause is allowed, so that a call needs no branch of its own.
func Wrap(err error, kind Kind, op, code string, args ...any) *Error {
	return &Error{Kind: kind, Op: op, Code: code, Args: pairs(args), Err: err}
}

// Ensure makes a fault of what is none yet: a fault stays what it is, and nil nil.
func Ensure(err error, kind Kind, op, code string) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return Wrap(err, kind, op, code)
}

// At returns a field with its arguments as key, value pairs.
func At(path, code string, args ...any) Field {
	return Field{Path: path, Code: code, Args: pairs(args)}
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, (len(args)+1)/2)
	for i := 0; i < len(args); i += 2 {
		key, ok := args[i].(string)
		if !ok || i+1 == len(args) {
			// Like slog: a wrong call must be seen, and must not break the error path it stands on.
			m["!bad"] = args[i]
			continue
		}
		m[key] = args[i+1]
	}
	return m
}

// Error is the operators' line: operation, code, arguments, cause.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	switch {
	case e.Code != "":
		b.WriteString(e.Code)
	default:
		b.WriteString(string(e.Kind))
	}
	for _, k := range slices.Sorted(maps.Keys(e.Args)) {
		fmt.Fprintf(&b, " %s=%v", k, e.Args[k])
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Code)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Is lets errors.Is compare by code: errors.Is(err, &fault.Error{Code: "door.lease-ended"}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code != "" && t.Code == e.Code
}

// KindOf finds the kind: the outermost fault's, Unavailable for work that was broken off, else Internal. "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var f *Error
	switch {
	case errors.As(err, &f):
		return f.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return Internal
}

// CodeOf finds the code of the outermost fault, or "".
func CodeOf(err error) string {
	var f *Error
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
