package main

import (
	"regexp"
	"strings"
)

// mistakes are the parser's sentences, which it has in English only. A test makes each of them, so that a version of the
// parser that words them anew is noticed.
var mistakes = []struct {
	code string
	form *regexp.Regexp // its groups are the arguments
}{
	{"missing-flags", regexp.MustCompile(`^missing flags: (?P<flags>.*)$`)},
	{"argument-meant", regexp.MustCompile(`^unexpected argument (?P<what>\S+), did you mean (?P<meant>.*)\?$`)},
	{"argument", regexp.MustCompile(`^unexpected argument (?P<what>.*)$`)},
	{"flag-meant", regexp.MustCompile(`^unknown flag (?P<what>\S+), did you mean (?P<meant>.*)\?$`)},
	{"flag", regexp.MustCompile(`^unknown flag (?P<what>\S+)$`)},
	{"expected", regexp.MustCompile(`^expected (?:one of )?(?P<what>["<].*)$`)},
	{"one-of", regexp.MustCompile(`^(?P<flag>--\S+) must be one of (?P<choices>.*) but got "(?P<is>.*)"$`)},
	{"together", regexp.MustCompile(`^(?P<a>--\S+) and (?P<b>--\S+) can't be used together$`)},
	{"duration", regexp.MustCompile(`^(?P<flag>--[^:]+): expected duration but got "(?P<is>[^"]*)".*$`)},
	{"number", regexp.MustCompile(`^(?P<flag>--[^:]+): expected a valid \d+ bit u?int but got "(?P<is>[^"]*)".*$`)},
	{"no-file", regexp.MustCompile(`^(?P<flag>--[^:]+): stat (?P<path>.*): no such file or directory$`)},
}

// misread turns the parser's error into one that has a sentence in both languages.
func misread(err error) error {
	said := err.Error()
	for _, m := range mistakes {
		found := m.form.FindStringSubmatch(said)
		if found == nil {
			continue
		}
		var args []any
		for i, name := range m.form.SubexpNames() {
			if name != "" {
				args = append(args, name, strings.TrimSpace(found[i]))
			}
		}
		return wrong(m.code, args...)
	}
	return wrong("other", "detail", said)
}
