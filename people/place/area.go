package place

import (
	"slices"
	"time"
)

// AreaID names an area.
type AreaID string

// AreaKind is what sort of part of a compound an area is.
type AreaKind string

// The kinds, as they are watched and patrolled.
const (
	Road     AreaKind = "road"
	Entrance AreaKind = "building-entrance"
	CarPark  AreaKind = "car-park"
	Gate     AreaKind = "gate"
	Yard     AreaKind = "yard"
)

// AreaKinds in the order of forms.
var AreaKinds = []AreaKind{Gate, Road, Entrance, CarPark, Yard}

// Area is a named part of a compound that can be watched or patrolled.
type Area struct {
	ID       AreaID    `json:"id"`
	Compound ID        `json:"compound"`
	Building ID        `json:"building,omitempty" doc:"Of an entrance: whose"`
	Kind     AreaKind  `json:"kind" enum:"gate,road,building-entrance,car-park,yard"`
	Name     string    `json:"name"`
	From     Day       `json:"from"`
	Until    Day       `json:"until,omitempty" doc:"The day on which it was there no longer"`
	Version  int64     `json:"version"`
	Known    time.Time `json:"known"`
	By       string    `json:"by"`
}

// On reports whether the area is there on a day.
func (a *Area) On(d Day) bool { return a.From <= d && (a.Until == 0 || d < a.Until) }

func (a *Area) check() (p Problems) {
	p.Text("name", a.Name, maxName, true)
	if AsksAboutPeople(a.Name) {
		p.Add("name", "place.field.about-people")
	}
	if !slices.Contains(AreaKinds, a.Kind) {
		p.Add("kind", "place.field.area-kind", "is", clip(string(a.Kind)))
	}
	if a.Building != "" && a.Kind != Entrance {
		p.Add("building", "place.area.building")
	}
	if a.From == 0 {
		p.Add("from", "place.field.required")
	}
	if a.Until != 0 && a.Until < a.From { // ended on its first day it never was there
		p.Add("until", "place.field.order")
	}
	return p
}
