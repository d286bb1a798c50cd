package api

import (
	"context"
	"io/fs"
)

// Voice says the sentences of message files in one language: the caller's, or outside of a request that of a command
// or a document.
type Voice struct {
	words *words
	lang  string
}

// NewVoice speaks "zh" or "en", with the sentences given.
func NewVoice(language string, sentences ...fs.FS) (*Voice, error) {
	v := &Voice{words: newWords(nil), lang: language}
	if language != "en" {
		v.lang = "zh"
	}
	for _, fsys := range sentences {
		if err := v.words.add(fsys); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// VoiceOf is the voice that the caller of a route reads.
func VoiceOf(ctx context.Context) *Voice {
	v := &Voice{lang: Language(ctx)}
	if x := exchangeFrom(ctx); x != nil {
		v.words = x.s.words
	}
	return v
}

// In is the same voice in another language, "zh" or "en".
func (v *Voice) In(language string) *Voice { return &Voice{words: v.words, lang: language} }

// Language is "zh" or "en".
func (v *Voice) Language() string { return v.lang }

// Say is a sentence; args are key, value pairs. A code without a sentence is said as it is.
func (v *Voice) Say(code string, args ...any) string {
	if v.words == nil {
		return code
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if k, ok := args[i].(string); ok {
			m[k] = args[i+1]
		}
	}
	if text, ok := v.words.say(v.lang, code, m); ok {
		return text
	}
	return code
}
