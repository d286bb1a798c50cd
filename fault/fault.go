package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what a caller can do about an error.
type Kind string

const (
	Invalid         Kind = "invalid"         // the input is wrong: mend it
	Unauthenticated Kind = "unauthenticated" // sign in
	Denied          Kind = "denied"          // signed in, but not allowed
	NotFound        Kind = "not-found"
	Conflict        Kind = "conflict" // somebody else was faster, or it exists already
	Gone            Kind = "gone"     // it was there and has ended
	TooMany         Kind = "too-many" // wait, see RetryAfter
	Unsupported     Kind = "unsupported"
	Unavailable     Kind = "unavailable" // try again later
	TooLarge        Kind = "too-large"
	Internal        Kind = "internal"
)

// Error is an error with a kind. Code is the key of a sentence in the room's message files, Args are its values.
type Error struct {
	Kind       Kind
	Op         string // "camera.create"
	Code       string // "camera.forbidden-place"
	Args       map[string]any
	Fields     []Field
	Err        error
	RetryAfter time.Duration
}

// Field is one bad field of a form, or one bad cell of a sheet.
type Field struct {
	Path string // "sources.main.url", "C7"
	Code string
	Args map[string]any
}

// New makes an error; args are key, value pairs for the sentence.
func New(kind Kind, op, code string, args ...any) *Error {
	return &Error{Kind: kind, Op: op, Code: code, Args: pairs(args)}
}

// Wrap makes an error of another one, keeping it as the cause.
func Wrap(err error, kind Kind, op, code string, args ...any) *Error {
	e := New(kind, op, code, args...)
	e.Err = err
	return e
}

// At makes a Field; args are key, value pairs for the sentence.
func At(path, code string, args ...any) Field {
	return Field{Path: path, Code: code, Args: pairs(args)}
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s", e.Code)
	} else {
		fmt.Fprintf(&b, ": %s", e.Kind)
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Code)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the outermost Error in the chain, or Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf is the code of the outermost Error in the chain, or "".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Is tells whether the chain holds an Error of that kind as its outermost.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}
