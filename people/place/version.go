package place

import (
	"strconv"
	"strings"

	"linli.dev/linli/fault"
)

// Whatever is the version of somebody who changes a place whatever it says
// now: a merge, an import that has read it in the same transaction.
const Whatever = -1

// SameVersion checks the version that a caller saw against the one that is.
func SameVersion(op string, seen, is int64) error {
	switch seen {
	case Whatever, is:
		return nil
	case 0:
		return fault.New(fault.Invalid, op, "place.version-needed")
	}
	return fault.New(fault.Stale, op, "place.changed-meanwhile", "version", is)
}

// Versioned is an embedded input of routes that change a thing.
type Versioned struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was seen"`
}

// Seen is the version that the caller saw; 0 when it was not said.
func (v Versioned) Seen() (int64, error) {
	tag, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(strings.TrimSpace(v.IfMatch), "W/"), `"`), ".")
	if tag == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(tag, 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "place.version", "place.version-needed")
	}
	return n, nil
}

// ETag of a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Row is the path of a field of one of several entries: "rows[3].name".
func Row(i int, field string) string { return Item("rows", i, field) }

// Item is the path of a field of one of a list of things: "claims[3].from".
func Item(list string, i int, field string) string {
	return list + "[" + strconv.Itoa(i) + "]." + field
}
