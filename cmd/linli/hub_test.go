package main

import (
	"context"
	"log/slog"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

func TestFlagsOfTheHub(t *testing.T) {
	for _, c := range []struct {
		hub, token, ca, want string
	}{
		{"", "", "", ""},
		{"https://hub.example.org", "token", "", ""},
		{"https://hub.example.org", "token", "ca.crt", ""},
		{"http://127.0.0.1:8080", "token", "", ""},
		{"http://hub.example.org", "token", "", "cli.wrong.hub-plain"},
		{"http://10.0.0.8:8080", "token", "", "cli.wrong.hub-plain"},
		{"hub.example.org", "token", "", "cli.wrong.hub-url"},
		{"https://hub.example.org", "", "", "cli.wrong.hub-flags"},
		{"", "token", "", "cli.wrong.hub-flags"},
		{"", "", "ca.crt", "cli.wrong.hub-flags"},
	} {
		f := serveFlags{Hub: c.hub, HubTokenFile: c.token, HubCA: c.ca, SyncEvery: "5s"}
		if _, err := f.config(); fault.CodeOf(err) != c.want {
			t.Errorf("%+v: %v, want %q", c, err, c.want)
		}
	}
}

// A compound's machine gets its token by the compound's name, or by the end of its path where there are two of the name.
func TestATokenForACompoundByItsName(t *testing.T) {
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	f := dataFlags{Data: t.TempDir()}
	_, city, done, err := f.offices(ctx, log, command{})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ids := map[string]place.ID{}
	for _, x := range []struct {
		level        place.Level
		parent, name string
	}{
		{place.City, "", "临沂市"},
		{place.County, "临沂市", "兰山区"},
		{place.Street, "兰山区", "银雀山街道"},
		{place.Community, "银雀山街道", "东苗庄社区"},
		{place.Community, "银雀山街道", "煤山社区"},
		{place.Compound, "东苗庄社区", "金阳花园"},
		{place.Compound, "东苗庄社区", "怡景花园"},
		{place.Compound, "煤山社区", "怡景花园"},
	} {
		list, err := city.Places.Found(ctx, "op", []place.NewPlace{{Level: x.level, Parent: ids[x.parent], Name: x.name, From: city.Places.Clock().Today()}})
		if err != nil {
			t.Fatal(err)
		}
		ids[x.name] = list[0].Place
	}
	for name, want := range map[string]string{
		"金阳花园": "", "东苗庄社区/怡景花园": "", string(ids["金阳花园"]): "", "兰山区": "", "怡景花园": "cli.wrong.many-places", "无此小区": "cli.wrong.no-place",
	} {
		id, err := anyPlaceNamed(ctx, city, name)
		if fault.CodeOf(err) != want || (err == nil) != (id != "") {
			t.Errorf("%s: %q %v, want %q", name, id, err, want)
		}
	}
	var made string
	if id, err := anyPlaceNamed(ctx, city, "金阳花园"); err == nil {
		made = id
	}
	if made != string(ids["金阳花园"]) {
		t.Errorf("another compound: %s", made)
	}
	if err := identity.TokenMayAt(place.MayReport, made); err != nil {
		t.Error(err)
	}
}
