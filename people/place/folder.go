package place

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Put adds a file to a compound's evidence. Without a body (nil) it is one that is no longer what was handed in: it is left out, and the
// manifest says so.
type Put func(path string, body []byte) error

// Folder is what one room puts into a compound's evidence. role plugs in those
// of the other rooms.
type Folder struct {
	Permission string // asked for the compound; without it the folder is left out, and the manifest says so
	Each       bool   // Fill asks for each of its things itself
	Fill       func(ctx context.Context, q AsOf, id ID, put Put) error
}

// SetFolders plugs in the folders of other rooms; before anything is served.
func (s *Service) SetFolders(list ...Folder) { s.folders = list }

// rawEvidence streams a compound's evidence as a folder.
func (s *Service) rawEvidence(w http.ResponseWriter, r *http.Request) {
	ctx, id := r.Context(), ID(r.PathValue("id"))
	q, err := AsOfInput{At: r.URL.Query().Get("at"), Known: r.URL.Query().Get("known")}.AsOf(s.clock)
	if err == nil {
		err = s.rights.May(ctx, MayRead, q, id)
	}
	var view *compoundOutput
	if err == nil {
		view, err = s.compoundView(ctx, q, q.Day-365, id)
	}
	if err == nil { // on record before the first byte
		err = s.db.Change(ctx, func(_ context.Context, tx *store.Tx) error {
			return tx.Emit(room, evEvidence, string(id), map[string]any{"day": q.Day, "by": by(ctx)})
		})
	}
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	name := view.Body.Compound.Name + "-" + q.Day.String()
	if known := s.clock.DayOf(q.Known); known != q.Day { // the same day with what was put right since is another folder
		name += "-" + known.String()
	}
	name = FileName(name)
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", "attachment; filename=evidence.zip; filename*=UTF-8''"+url.PathEscape(name+".zip"))
	w.Header().Set("Cache-Control", "no-store")
	b := &bundle{zip: zip.NewWriter(w), at: s.clock.Time(), seen: map[string]bool{}, changed: api.Say(ctx, "place.folder.changed")}
	if err := s.fillEvidence(ctx, q, id, &view.Body, b); err != nil {
		// The head is sent: a folder that is cut off cannot be opened, so nobody takes it for whole.
		panic(http.ErrAbortHandler)
	}
}

func (s *Service) fillEvidence(ctx context.Context, q AsOf, id ID, v *CompoundView, b *bundle) error {
	say := func(code string) string { return api.Say(ctx, code) }
	traces, err := s.compoundTraces(ctx, q, id)
	if err != nil {
		return err
	}
	if err := b.put(say("place.folder.history")+".csv", s.traceTable(ctx, traces)); err != nil {
		return err
	}
	// What was put right about these days since stands beside what was known.
	since, err := s.compoundTraces(ctx, AsOf{q.Day, s.clock.Close(s.clock.Today())}, id)
	if err != nil {
		return err
	}
	since = slices.DeleteFunc(since, func(t Trace) bool { return !t.Known.After(q.Known) })
	if len(since) > 0 {
		if err := b.put(say("place.folder.put-right")+".csv", s.traceTable(ctx, since)); err != nil {
			return err
		}
	}
	building := map[ID]string{"": ""}
	for _, v := range v.Buildings {
		building[v.Place] = v.Name
	}
	rows := [][]string{{FolderWord(ctx, "head", "building"), say("place.folder.sort"), say("place.folder.number"), say("place.folder.condition"), say("place.folder.checked")}}
	for _, a := range v.Assets {
		rows = append(rows, []string{building[a.Building], FolderWord(ctx, "sort", string(a.Sort)), a.number(ctx), FolderWord(ctx, "condition", string(a.Condition)), a.Checked.String()})
	}
	if err := b.put(say("place.folder.protection")+".csv", CSV(rows)); err != nil {
		return err
	}
	if err := s.fillTree(ctx, v, b); err != nil {
		return err
	}
	if err := s.fillParts(ctx, q, id, v, building, b); err != nil {
		return err
	}
	left := []string{}
	for _, f := range s.folders {
		var err error
		if !f.Each {
			err = s.rights.May(ctx, f.Permission, q, id)
		}
		switch {
		case !api.CallerFrom(ctx).May(f.Permission), fault.KindOf(err) == fault.Denied:
			left = append(left, f.Permission)
			continue
		case err != nil:
			return err
		}
		if err := f.Fill(ctx, q, id, b.put); err != nil {
			return err
		}
	}
	head := [][]string{}
	mark, err := s.DemoMark(ctx)
	if err != nil {
		return err
	}
	if mark != "" {
		head = append(head, []string{mark})
	}
	return b.close(say("place.folder.manifest"), append(head, [][]string{
		{say("place.folder.compound"), v.Compound.Name, string(id)},
		{say("place.folder.as-of"), q.Day.String(), s.Stamped(q.Known)},
		{say("place.folder.left-out"), strings.Join(left, " ")},
		{say("place.folder.file"), say("place.folder.size"), "SHA-256"},
	}...))
}

// traceTable is a table of changes, one field a row.
func (s *Service) traceTable(ctx context.Context, traces []Trace) []byte {
	say := func(code string) string { return api.Say(ctx, code) }
	rows := [][]string{{say("place.folder.about"), say("place.folder.known"), say("place.folder.by"), say("place.folder.act"), say("place.folder.field"), say("place.folder.was"), say("place.folder.is"), say("place.folder.note")}}
	for _, t := range traces {
		turns := t.Turns
		if len(turns) == 0 {
			turns = []Turn{{}}
		}
		for _, f := range turns {
			rows = append(rows, []string{t.About.String(), s.Stamped(t.Known), t.Who, FolderWord(ctx, "act", t.Act), fieldWord(ctx, f.Field), valueWord(ctx, f.Field, f.Was), valueWord(ctx, f.Field, f.Is), t.Note})
		}
	}
	return CSV(rows)
}

// fillTree adds the classes that a compound entered and left, each with what it rests on, and its buildings.
func (s *Service) fillTree(ctx context.Context, v *CompoundView, b *bundle) error {
	rows := [][]string{FolderWords(ctx, "head", "from", "known", "acts", "class", "criteria", "evidence", "by")}
	for _, e := range v.Entries {
		if e.Void != nil {
			continue // a mistake is no evidence
		}
		act := "class-enters"
		if !e.In {
			act = "class-leaves"
		}
		rows = append(rows, []string{
			e.About.String(), s.Stamped(e.Known), FolderWord(ctx, "act", act), FolderWord(ctx, "mark", string(e.Mark)), e.Criteria, e.Evidence, s.Called(ctx, e.By),
		})
	}
	if err := b.put(FolderWord(ctx, "file", "classes")+".csv", CSV(rows)); err != nil {
		return err
	}
	rows = [][]string{FolderWords(ctx, "head", "building", "code", "there-from", "id")}
	for i := range v.Buildings {
		p := &v.Buildings[i]
		rows = append(rows, []string{p.Name, p.Code, p.About.String(), string(p.Place)})
	}
	return b.put(FolderWord(ctx, "file", "buildings")+".csv", CSV(rows))
}

// fillParts adds the areas of a compound and its channels, each with where it stands.
func (s *Service) fillParts(ctx context.Context, q AsOf, id ID, v *CompoundView, building map[ID]string, b *bundle) error {
	head := func(keys ...string) []string { return FolderWords(ctx, "head", keys...) }
	rows := [][]string{head("name", "kind", "building", "there-from", "there-until")}
	for _, a := range v.Areas {
		rows = append(rows, []string{a.Name, FolderWord(ctx, "area", string(a.Kind)), building[a.Building], a.From.String(), a.Until.String()})
	}
	if err := b.put(FolderWord(ctx, "file", "areas")+".csv", CSV(rows)); err != nil {
		return err
	}
	channels, err := s.channelsAt(ctx, q, id)
	if err != nil {
		return err
	}
	rows = [][]string{head("name", "area", "state", "since")}
	rows[0][3] = FolderWord(ctx, "head", "from")
	for _, c := range channels.Body.Channels {
		rows = append(rows, []string{c.Name, FolderWord(ctx, "area", string(c.Area)), FolderWord(ctx, "channel", string(c.State)), c.Since.String()})
	}
	return b.put(FolderWord(ctx, "file", "channels")+".csv", CSV(rows))
}

// fieldWord is the name of a field of a change: "sort.guard" is a sort of protection.
func fieldWord(ctx context.Context, field string) string {
	group, key, ok := strings.Cut(field, ".")
	switch {
	case !ok:
		return FolderWord(ctx, "field", field)
	case group == "channel-state":
		return FolderWord(ctx, "channel", key)
	}
	return FolderWord(ctx, group, key)
}

// number is how many there are, in words where that is not told.
func (a *Asset) number(ctx context.Context) string {
	if a.Few {
		return api.Say(ctx, "place.word.few")
	}
	return strconv.Itoa(a.Number)
}

// valueWord is what a field of a change says, where that is a code.
func valueWord(ctx context.Context, field, value string) string {
	switch field {
	case "mark":
		return FolderWord(ctx, "mark", value)
	case "kind":
		return FolderWord(ctx, "area", value)
	case "sort." + string(volunteers):
		if value == FewWord {
			return api.Say(ctx, "place.word.few")
		}
	}
	return value
}

// Stamped writes an instant as offices read it.
func (s *Service) Stamped(t time.Time) string {
	return t.In(s.clock.zone()).Format("2006-01-02 15:04:05")
}

// bundle is a zip being written, with a line for each file.
type bundle struct {
	zip   *zip.Writer
	at    time.Time
	lines [][]string
	seen  map[string]bool

	changed string // says of a file that it is no longer what was handed in
}

// put writes a file under a name that every system can unpack; a name that is
// there already gets a number.
func (b *bundle) put(path string, body []byte) error {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = FileName(parts[i])
	}
	path = strings.Join(parts, "/")
	for n := 2; b.seen[strings.ToLower(path)]; n++ {
		last := parts[len(parts)-1]
		stem, ext := last, ""
		if i := strings.LastIndexByte(last, '.'); i > 0 {
			stem, ext = last[:i], last[i:]
		}
		path = strings.Join(append(append([]string{}, parts[:len(parts)-1]...), stem+" ("+strconv.Itoa(n)+")"+ext), "/")
	}
	b.seen[strings.ToLower(path)] = true
	if body == nil {
		b.lines = append(b.lines, []string{path, "", b.changed})
		return nil
	}
	f, err := b.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: b.at})
	if err != nil {
		return err
	}
	if _, err := f.Write(body); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	b.lines = append(b.lines, []string{path, strconv.Itoa(len(body)), hex.EncodeToString(sum[:])})
	return nil
}

func (b *bundle) close(name string, head [][]string) error {
	if err := b.put(name+".csv", CSV(append(head, b.lines...))); err != nil {
		return err
	}
	return b.zip.Close()
}

// IsFormula reports whether a spreadsheet may reckon a text: it begins with one
// of the marks of a formula, in ordinary or in full width (some turn one into
// the other), with or without blanks before it.
func IsFormula(s string) bool {
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	r, _ := utf8.DecodeRuneInString(norm.NFKC.String(rest[:min(len(rest), 12)]))
	return rest != "" && strings.ContainsRune("=+-@", r) || s != "" && strings.ContainsRune("\t\r\n", rune(s[0]))
}

// CSV writes rows as a spreadsheet of an office opens them: marked as UTF-8,
// and with no cell that could be taken for a formula.
func CSV(rows [][]string) []byte {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, c := range r {
			if IsFormula(c) {
				c = "'" + c
			}
			cells[i] = c
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return out.Bytes()
}

// reserved are names that Windows gives to its devices.
var reserved = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true}

// FileName makes of a text a name that a file can have on every system: Chinese
// stays, what Windows refuses goes.
func FileName(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>:"/\|?*`, r), unicode.IsControl(r):
			return '_'
		}
		return r
	}, Tidy(text))
	if r := []rune(name); len(r) > 80 {
		ext := ""
		if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 6 {
			ext = name[i:]
		}
		name = string(r[:74]) + ext
	}
	name = strings.TrimRight(name, ". ")
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	device := len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) && stem[3] >= '0' && stem[3] <= '9'
	if name == "" || reserved[strings.TrimSpace(stem)] || device {
		name = "_" + name
	}
	return name
}
