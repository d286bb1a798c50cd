package api

import (
	"errors"
	"io/fs"

	"linli.dev/linli/fault"
)

// Explain says an error in a sentence outside of a request, for commands: in "zh" or "en", with the server's own
// sentences and those given. ok is false when there is none for it.
func Explain(err error, language string, sentences ...fs.FS) (text string, ok bool) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return "", false
	}
	v, err := NewVoice(language, append([]fs.FS{ownRoom{}.Messages()}, sentences...)...)
	if err != nil {
		return "", false
	}
	return v.words.say(v.lang, f.Code, f.Args)
}
