package place

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"linli.dev/linli/api"
)

// divisions are the levels whose names English texts have in English.
var divisions = []Level{City, County, Street, Community}

// EnglishNames are what divisions are called in English texts, by name: lists and papers know no more of most of them. Where two
// of the same name are called differently the name is spelt by rule. Without levels: of all divisions.
func (t *Tree) EnglishNames(q AsOf, levels ...Level) map[string]string {
	if len(levels) == 0 {
		levels = divisions
	}
	size := 0
	for _, level := range levels {
		size += len(t.levels[level])
	}
	out := make(map[string]string, size)
	for _, level := range levels {
		for _, id := range t.levels[level] {
			v, ok := t.At(q, id)
			if !ok {
				continue
			}
			name := v.NameEN
			if name == "" {
				name = t.spelt.of(v.Name)
			}
			if other, ok := out[v.Name]; ok && other != name {
				name = t.spelt.of(v.Name)
			}
			out[v.Name] = name
		}
	}
	return out
}

// EnglishNames are those that hold for a question.
func (s *Service) EnglishNames(ctx context.Context, q AsOf) (map[string]string, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.EnglishNames(q), nil
}

// spelling remembers how names are spelt, which is slow and never changes. Many may ask at once.
type spelling struct {
	mu sync.Mutex
	by map[string]string
}

// mostSpelt is how many names are remembered: more than a province has divisions. After that it begins anew.
const mostSpelt = 300_000

func (x *spelling) of(name string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if en, ok := x.by[name]; ok {
		return en
	}
	if x.by == nil || len(x.by) >= mostSpelt {
		x.by = map[string]string{}
	}
	en := English(name)
	x.by[name] = en
	return en
}

// written is the answer to a question about the names in a tree, as it is sent.
type written struct {
	of     *byte // Tree.divided
	q      AsOf
	tag    string // names what is said (ETag, RFC 9110 §8.8.3)
	plain  []byte
	packed []byte // the same by gzip
}

// mostWritten is how many answers are kept: of today and of a past day or two.
const mostWritten = 3

// writtenNames keeps the last answers.
type writtenNames struct {
	mu   sync.Mutex
	list []*written // the last one asked for is the last
}

// of is the answer; it is written once for as long as nothing is said of any division.
func (x *writtenNames) of(tree *Tree, q AsOf) (*written, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if i := slices.IndexFunc(x.list, func(w *written) bool { return w.of == tree.divided && w.q.Day == q.Day && w.q.Known.Equal(q.Known) }); i >= 0 {
		w := x.list[i]
		x.list = append(slices.Delete(x.list, i, i+1), w)
		return w, nil
	}
	w := &written{of: tree.divided, q: q}
	var body NamesBody
	body.Names = tree.EnglishNames(q)
	var err error
	if w.plain, err = json.Marshal(body); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(w.plain)
	w.tag = fmt.Sprintf("W/\"%x\"", sum[:12])
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(w.plain); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	w.packed = b.Bytes()
	x.list = slices.DeleteFunc(x.list, func(o *written) bool { return o.of != tree.divided }) // of a tree of before nobody asks any more
	if len(x.list) >= mostWritten {
		x.list = slices.Delete(x.list, 0, 1)
	}
	x.list = append(x.list, w)
	return w, nil
}

// NamesBody is what divisions are called, by name.
type NamesBody struct {
	Names map[string]string `json:"names"`
}

type namesOutput struct {
	Status          int
	ETag            string `header:"ETag"`
	ContentType     string `header:"Content-Type" hidden:"true"`
	ContentEncoding string `header:"Content-Encoding" hidden:"true"`
	Vary            string `header:"Vary" hidden:"true"`
	CacheControl    string `header:"Cache-Control"`
	Body            []byte // of a NamesBody
}

func (s *Service) httpNames(ctx context.Context, in *struct {
	AsOfInput
	AcceptEncoding string `header:"Accept-Encoding" hidden:"true"`
	IfNoneMatch    string `header:"If-None-Match" doc:"The ETag of the names that the caller has: 304 where they still hold"`
},
) (*namesOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	w, err := s.written.of(tree, q)
	if err != nil {
		return nil, err
	}
	// Asked for anew each time: a name that has just changed is shown at once.
	out := &namesOutput{Status: http.StatusOK, ETag: w.tag, CacheControl: "private, no-cache", Vary: "Accept-Encoding"}
	if slices.Contains(strings.Fields(strings.ReplaceAll(in.IfNoneMatch, ",", " ")), w.tag) {
		out.Status = http.StatusNotModified
		return out, nil
	}
	out.ContentType, out.Body = "application/json", w.plain
	if api.AcceptsGzip(in.AcceptEncoding) {
		out.ContentEncoding, out.Body = "gzip", w.packed
	}
	return out, nil
}
