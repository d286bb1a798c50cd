package archive

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/media/archive/file"
)

// Remark is what a check has to say of a file: the code of a sentence in the message files, with what fills it in. It outlives
// the check, in a row, and is said to each reader in his language.
type Remark struct {
	Code string
	Args map[string]any // whole numbers and text; a moment, named at, in RFC 3339; a span, named span, in seconds
}

func remark(code string, args ...any) Remark {
	r := Remark{Code: "archive." + code}
	for i := 0; i+1 < len(args); i += 2 {
		if r.Args == nil {
			r.Args = map[string]any{}
		}
		v := args[i+1]
		switch x := v.(type) {
		case time.Time:
			v = x.UTC().Format(time.RFC3339Nano)
		case time.Duration:
			v = x.Seconds()
		}
		r.Args[args[i].(string)] = v //nolint:forcetypeassert // ours, and constant
	}
	return r
}

// Say is the remark in a voice's language, its moments as the clocks of a zone show them.
func (r Remark) Say(v *api.Voice, zone *time.Location) string {
	if r.Code == "" {
		return ""
	}
	var args []any
	for k, x := range r.Args {
		switch x := x.(type) {
		case string:
			if at, err := time.Parse(time.RFC3339Nano, x); k == "at" && err == nil {
				args = append(args, k, at.In(zone).Format("2006-01-02 15:04:05"))
				continue
			}
		case float64:
			if k == "span" {
				args = append(args, k, time.Duration(x*float64(time.Second)))
				continue
			}
		}
		args = append(args, k, x)
	}
	return v.Say(r.Code, args...)
}

// String is for the log.
func (r Remark) String() string {
	var b strings.Builder
	b.WriteString(r.Code)
	for _, k := range slices.Sorted(maps.Keys(r.Args)) {
		fmt.Fprintf(&b, " %s=%v", k, r.Args[k])
	}
	return b.String()
}

// diskError is a disk that does not give or take the bytes of one file. Others of its files may be well.
type diskError struct {
	err     error
	reading bool
}

func (e *diskError) Error() string { return e.err.Error() }
func (e *diskError) Unwrap() error { return e.err }

// notRead and notWritten mark an error of the file layer; nil stays nil.
func notRead(err error) error    { return ofDisk(err, true) }
func notWritten(err error) error { return ofDisk(err, false) }

func ofDisk(err error, reading bool) error {
	var known *diskError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &diskError{err, reading}
}

// unreadableFor says why a disk gives no bytes.
func unreadableFor(err error) Remark {
	switch {
	case errors.Is(err, syscall.EIO):
		return remark("differs.read-error")
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return remark("differs.not-permitted")
	}
	return remark("differs.not-given", "cause", causeOf(err))
}

// unmendedFor says why a file stays as it is.
func unmendedFor(err error) Remark {
	switch {
	case errors.Is(err, syscall.EIO):
		return remark("not-mended.disk-error")
	case file.FaultOf(err) == file.Full:
		return remark("not-mended.full")
	case file.FaultOf(err) == file.ReadOnly:
		return remark("not-mended.read-only")
	}
	return remark("not-mended.other", "cause", causeOf(err))
}

// causeOf is the system's own word, without the path, which stands beside it.
func causeOf(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
