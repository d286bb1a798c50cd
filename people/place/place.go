package place

import (
	"linli.dev/linli/fault"
)

// ID names a place, for good: a name, a code, a parent may change, the id
// never does.
type ID string

// Level is where in the tree a place stands.
type Level string

// The levels, from the top.
const (
	City      Level = "city"
	County    Level = "county"
	Street    Level = "street"
	Community Level = "community"
	Compound  Level = "compound"
	Building  Level = "building"
)

// Levels from the top: a place hangs under one of the level before its own.
var Levels = []Level{City, County, Street, Community, Compound, Building}

// above is the level of a parent; "" for the city. ok is false for no level.
func (l Level) above() (Level, bool) {
	for i, x := range Levels {
		if x == l {
			if i == 0 {
				return "", true
			}
			return Levels[i-1], true
		}
	}
	return "", false
}

// Why says what made a version.
type Why string

// What can happen to a place.
const (
	Founded   Why = "founded"
	Changed   Why = "changed" // renamed, another code
	Moved     Why = "moved"   // another parent
	Merged    Why = "merged"  // ended; Other is what it went into
	Split     Why = "split"   // founded; Other is what it was cut from
	Ended     Why = "ended"
	Corrected Why = "corrected" // about a day that an earlier version speaks of already
)

// Version is what is said of a place from a day on. Versions are only added.
type Version struct {
	Place  ID    `json:"place"`
	Level  Level `json:"level"`
	Number int64 `json:"version" doc:"Of the place, from 1, in the order in which they became known"`
	Moment
	Name   string `json:"name"`
	NameEN string `json:"name_en,omitempty" doc:"In English texts, where an office said so; else it is spelt by rule"`
	Code   string `json:"code,omitempty" doc:"Statistical code"`
	Parent ID     `json:"parent,omitempty"`
	Open   bool   `json:"open" doc:"false: the place has ended"`
	Why    Why    `json:"why" enum:"founded,changed,moved,merged,split,ended,corrected"`
	Other  ID     `json:"other,omitempty" doc:"What it was merged into, or split off from"`
	Note   string `json:"note,omitempty"`
	By     string `json:"by"`
}

func (v *Version) moment() Moment { return v.Moment }

const (
	maxName   = 60
	maxNameEN = 80
	maxCode   = 20
	maxNote   = 200
)

// check says everything that is wrong with the words of a version.
func (v *Version) check() (p Problems) {
	p.Text("name", v.Name, maxName, true)
	p.Text("name_en", v.NameEN, maxNameEN, false)
	if !Latin(v.NameEN) {
		p.Add("name_en", "place.field.latin")
	}
	p.Text("code", v.Code, maxCode, false)
	p.Text("note", v.Note, maxNote, false)
	if v.About == 0 {
		p.Add("from", "place.field.required")
	}
	return p
}

// Problems collects what is wrong with an entry, field by field, so that a
// form and a spreadsheet can say all of it at once.
type Problems []fault.Field

// Add adds a problem; args are key, value pairs for its sentence.
func (p *Problems) Add(path, code string, args ...any) {
	*p = append(*p, fault.At(path, code, args...))
}

// Fault is the error of an entry, nil when nothing is wrong.
func (p Problems) Fault(op, code string) error {
	if len(p) == 0 {
		return nil
	}
	err := fault.New(fault.Invalid, op, code)
	err.Fields = p
	return err
}
