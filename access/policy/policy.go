package policy

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

//go:embed policies/looks/*.cedar policies/office/*.cedar
var files embed.FS

// Facts is all that a decision rests on. Whoever asks has gathered them just now.
type Facts struct {
	Account       string
	Kind          string   // "account" for a person, "token" for a program
	Roles         []string // guard, operator
	Disabled      bool     // the account is disabled
	FirstPassword bool     // its first password stands unchanged

	Camera         string
	Common         bool // registered as a common area
	CameraDisabled bool

	Action  string        // live, playback, export, snapshot, rtsp
	Purpose string        // one of Purposes
	Span    time.Duration // of the footage asked for; zero for what happens now

	Exported time.Duration // footage that the account has asked to export in the last 24 hours, this included
}

// Decision names the policy that decided. Sentence has it in words, by language ("zh", "en").
type Decision struct {
	Allow    bool
	Policy   string
	Sentence map[string]string
	Lasts    time.Duration // how long a look that is allowed may last
}

// NoPermit is the policy named when nothing permits a look.
const NoPermit = "no-permit"

// lookers are the roles that policies about looks speak of.
var lookers = []string{"guard", "operator"}

// Purposes is the closed list of reasons to look.
func Purposes() []string {
	return []string{"duty", "home-patrol", "incident", "evidence", "maintenance", "emergency"}
}

// Set is the parsed policies, in the order in which they are named when several apply. It is never
// changed and may be used by many at once.
type Set struct {
	set   *cedar.PolicySet
	ends  bool // a permit says how long what it permits lasts
	order []string
	rules map[string]rule
}

type rule struct {
	sentence map[string]string
	lasts    time.Duration
}

// New reads the policies about looks that are part of the program.
func New() (*Set, error) { return read(true, "looks/limits", "looks/guard", "looks/operator") }

func read(ends bool, names ...string) (*Set, error) {
	s := &Set{set: cedar.NewPolicySet(), ends: ends, rules: map[string]rule{}}
	for _, name := range names {
		text, err := fs.ReadFile(files, "policies/"+name+".cedar")
		if err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
		if err := s.add(name, text); err != nil {
			return nil, fmt.Errorf("policy %s: %w", name, err)
		}
	}
	return s, nil
}

func (s *Set) add(name string, text []byte) error {
	list, err := cedar.NewPolicyListFromBytes(name+".cedar", text)
	if err != nil {
		return err
	}
	for _, p := range list {
		notes := p.Annotations()
		id := string(notes["id"])
		r := rule{sentence: map[string]string{"zh": string(notes["zh"]), "en": string(notes["en"])}}
		if id == "" || r.sentence["zh"] == "" || r.sentence["en"] == "" {
			return fmt.Errorf("line %d: a policy needs @id, @zh and @en", p.Position().Line)
		}
		if p.Effect() == cedar.Permit && s.ends {
			if r.lasts, err = time.ParseDuration(string(notes["lasts"])); err != nil || r.lasts <= 0 {
				return fmt.Errorf("%s: a permit says how long a look lasts: @lasts", id)
			}
		}
		if !s.set.Add(cedar.PolicyID(id), p) {
			return fmt.Errorf("%s: a second policy of this name", id)
		}
		s.order = append(s.order, id)
		s.rules[id] = r
	}
	return nil
}

// Decide answers for these facts. A policy that fails to evaluate refuses: better dark than open.
func (s *Set) Decide(f Facts) Decision {
	return s.decide(f.cedar())
}

func (s *Set) decide(entities types.EntityMap, request cedar.Request) Decision {
	decision, why := cedar.Authorize(s.set, entities, request)
	if len(why.Errors) > 0 {
		return Decision{Policy: string(why.Errors[0].PolicyID), Sentence: s.Sentence(NoPermit)}
	}
	applied := map[string]bool{}
	for _, reason := range why.Reasons {
		applied[string(reason.PolicyID)] = true
	}
	d := Decision{Allow: decision == cedar.Allow, Policy: NoPermit}
	for _, id := range s.order {
		if !applied[id] {
			continue
		}
		if !d.Allow || !s.ends {
			d.Policy = id
			break
		}
		// Several roles may permit the same look: the one that lasts longest speaks.
		if s.rules[id].lasts > d.Lasts {
			d.Policy, d.Lasts = id, s.rules[id].lasts
		}
	}
	d.Sentence = s.Sentence(d.Policy)
	return d
}

// Sentence gives a policy in words, by language; nil for a name that is not a policy's.
func (s *Set) Sentence(id string) map[string]string {
	if id == NoPermit && !s.ends {
		return map[string]string{
			"zh": "此处不在您的任职范围之内，或者您的任职不办理此类事项。",
			"en": "It lies outside of your office, or is not for your office to do.",
		}
	}
	if id == NoPermit {
		return map[string]string{
			"zh": "没有规则允许您以此事由进行此类查看。",
			"en": "No policy permits you this kind of look for this purpose.",
		}
	}
	return s.rules[id].sentence
}

// WhoMay says which looks of this kind are permitted at all, to whom and for which purpose, in one language: the sentences of
// the policies that would permit it, so that who is refused learns who may.
func (s *Set) WhoMay(action, language string) string {
	var said []string
	for _, role := range lookers {
		for _, purpose := range Purposes() {
			d := s.Decide(Facts{Account: role, Kind: "account", Roles: []string{role}, Common: true, Action: action, Purpose: purpose})
			if text := d.Sentence[language]; d.Allow && !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	return strings.Join(said, map[string]string{"en": " "}[language])
}

// File is a policy file and what it holds.
type File struct {
	Name string // looks/duty.cedar
	Hash string // SHA-256
}

// Files are the policies that decide, those of the programme included, by name.
func Files() (list []File, err error) {
	err = fs.WalkDir(files, "policies", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		list = append(list, File{strings.TrimPrefix(path, "policies/"), hex.EncodeToString(sum[:])})
		return nil
	})
	return list, err
}

// Names lists the policies, limits first.
func (s *Set) Names() []string { return append([]string(nil), s.order...) }

func (f Facts) cedar() (types.EntityMap, cedar.Request) {
	who := cedar.NewEntityUID("Account", types.String(f.Account))
	what := cedar.NewEntityUID("Camera", types.String(f.Camera))
	roles := make([]cedar.EntityUID, 0, len(f.Roles))
	for _, r := range f.Roles {
		roles = append(roles, cedar.NewEntityUID("Role", types.String(strings.ToLower(r))))
	}
	entities := types.EntityMap{
		who: {UID: who, Parents: cedar.NewEntityUIDSet(roles...), Attributes: cedar.NewRecord(cedar.RecordMap{
			"kind": types.String(f.Kind), "disabled": types.Boolean(f.Disabled), "firstPassword": types.Boolean(f.FirstPassword),
		})},
		what: {UID: what, Attributes: cedar.NewRecord(cedar.RecordMap{
			"common": types.Boolean(f.Common), "disabled": types.Boolean(f.CameraDisabled),
		})},
	}
	return entities, cedar.Request{
		Principal: who, Resource: what, Action: cedar.NewEntityUID("Action", types.String(f.Action)),
		Context: cedar.NewRecord(cedar.RecordMap{
			"purpose": types.String(f.Purpose), "span": cedar.NewDuration(f.Span), "exported": cedar.NewDuration(f.Exported),
		}),
	}
}
