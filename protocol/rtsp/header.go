package rtsp

import "strings"

// Header holds header fields in the order in which they came.
type Header []Field

// Field is one header line.
type Field struct{ Key, Value string }

// Get returns the first value of a key, whatever its case; "" when there is none.
func (h Header) Get(key string) string {
	for _, f := range h {
		if strings.EqualFold(f.Key, key) {
			return f.Value
		}
	}
	return ""
}

// All returns every value of a key.
func (h Header) All(key string) []string {
	var all []string
	for _, f := range h {
		if strings.EqualFold(f.Key, key) {
			all = append(all, f.Value)
		}
	}
	return all
}

// Set replaces the value of a key, or adds it.
func (h *Header) Set(key, value string) {
	for i, f := range *h {
		if strings.EqualFold(f.Key, key) {
			(*h)[i].Value = value
			return
		}
	}
	*h = append(*h, Field{key, value})
}

// parameter reads "name=value" out of a list with ; between its items; the name alone gives "" and true.
func parameter(list, name string) (string, bool) {
	for item := range strings.SplitSeq(list, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`), true
		}
	}
	return "", false
}
