package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// offices opens accounts together with the places that somebody can be appointed to.
func (f dataFlags) offices(ctx context.Context, log *slog.Logger, act command) (*identity.Service, role.City, func(), error) {
	s, db, err := f.open(ctx, log, act)
	if err != nil {
		return nil, role.City{}, nil, err
	}
	city, err := role.OpenCity(ctx, db, place.Clock{})
	if err != nil {
		_ = db.Close()
		return nil, city, nil, err
	}
	s.SetPlaces(city)
	return s, city, func() { _ = db.Close() }, nil
}

type accountAppointCmd struct {
	dataFlags
	Name  string `arg:""`
	Role  string `arg:"" enum:"city-office,county-office,street-office,community-office,manager,member-unit"`
	At    string `arg:""`
	From  string `placeholder:"DATE"`
	Until string `placeholder:"DATE"`
	Note  string
}

func (c accountAppointCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, city, done, err := c.offices(ctx, log, command{"account appoint", c.Name + ": " + c.Role + " " + c.At})
	if err != nil {
		return err
	}
	defer done()
	account, err := s.AccountNamed(ctx, c.Name)
	if err != nil {
		return err
	}
	n := identity.NewAppointment{Account: account.ID, Role: identity.Role(c.Role), Note: c.Note}
	if n.From, err = begin(c.From); err != nil {
		return err
	}
	if n.Until, err = begin(c.Until); err != nil {
		return err
	}
	if n.Role == identity.MemberUnit {
		n.Unit, err = unitNamed(ctx, city, c.At)
	} else {
		n.Place, err = placeNamed(ctx, city, n.Role, c.At)
	}
	if err != nil {
		return err
	}
	a, err := s.Appoint(ctx, n)
	if err != nil {
		return err
	}
	fmt.Printf("%s  %s  %s  %s\n", a.ID, a.Name, a.Role, a.At)
	return nil
}

// begin is the first instant of a day; none for none.
func begin(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := place.ParseDay(text)
	return place.Clock{}.Begin(day), err
}

func unitNamed(ctx context.Context, city role.City, name string) (string, error) {
	units, err := city.Pairing.Units(ctx)
	for _, u := range units {
		if u.Name == name || string(u.ID) == name {
			return string(u.ID), nil
		}
	}
	if err == nil {
		err = wrong("no-unit", "name", name)
	}
	return "", err
}

// placeNamed finds the one place of the role's level with this id, this name, or this end of its path.
func placeNamed(ctx context.Context, city role.City, r identity.Role, name string) (string, error) {
	return placeOf(ctx, city, name, place.Level(identity.LevelOf(r)))
}

// anyPlaceNamed is placeNamed for a place of any level where somebody can hold a role. Of several, a compound is meant.
func anyPlaceNamed(ctx context.Context, city role.City, name string) (string, error) {
	if id, err := placeOf(ctx, city, name, place.Compound); err == nil {
		return id, nil
	}
	return placeOf(ctx, city, name, place.Compound, place.Community, place.Street, place.County, place.City)
}

func placeOf(ctx context.Context, city role.City, name string, levels ...place.Level) (string, error) {
	tree, err := city.Places.Tree(ctx)
	if err != nil {
		return "", err
	}
	clock := city.Places.Clock()
	q := clock.AtClose(clock.Today())
	var found []string
	for _, level := range levels {
		for _, v := range tree.Of(q, level) {
			var names []string
			for _, above := range tree.Path(q, v.Place) {
				names = append(names, above.Name)
			}
			if string(v.Place) == name || strings.HasSuffix("/"+strings.Join(names, "/"), "/"+name) {
				found = append(found, string(v.Place))
			}
		}
	}
	switch len(found) {
	case 0:
		return "", wrong("no-place", "name", name)
	case 1:
		return found[0], nil
	}
	return "", wrong("many-places", "name", name, "number", len(found))
}

type accountWithdrawCmd struct {
	dataFlags
	ID string `arg:""`
}

func (c accountWithdrawCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, _, done, err := c.offices(ctx, log, command{"account withdraw", c.ID})
	if err != nil {
		return err
	}
	defer done()
	return s.Withdraw(ctx, identity.AppointmentID(c.ID))
}

type accountHeldCmd struct {
	dataFlags
	At   string
	Past bool
}

func (c accountHeldCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	s, _, done, err := c.offices(ctx, log, command{})
	if err != nil {
		return err
	}
	defer done()
	list, err := s.ListAppointments(ctx, identity.AppointmentFilter{Past: c.Past})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, v.Say("cli.account.held"))
	for _, a := range list {
		if c.At != "" && c.At != a.Place && c.At != a.Unit {
			continue
		}
		until := v.Say("cli.account.open")
		switch {
		case a.Taken != nil:
			until = v.Say("cli.account.taken", "at", a.Taken.Local().Format(time.DateTime))
		case a.Until != nil:
			until = a.Until.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Name, a.Role, a.At, a.From.Local().Format(time.DateTime), until, a.GivenBy, a.TakenBy)
	}
	return w.Flush()
}
