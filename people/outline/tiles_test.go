package outline

import (
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// A city of its own lays its map out: until then the one that ships stands, by code, and what it does not know in rows below.
func TestTheOfficesOwnTiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, c := t.Context(), newCity(t, db)
		list, err := c.places.Found(ctx, "li", []place.NewPlace{{Level: place.County, Parent: c.ids["临沂市"], Name: "新城区", NameEN: "New Town", From: c.o.Clock.Today()}})
		if err != nil {
			t.Fatal(err)
		}
		c.ids["新城区"] = list[0].Place
		at := func(l Layout) map[string]Tile {
			out := map[string]Tile{}
			for name, id := range c.ids {
				for _, tile := range l.Tiles {
					if tile.Place == id {
						out[name] = tile
					}
				}
			}
			return out
		}
		l, err := c.Tiles(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got := at(l)
		if x := got["兰山区"]; l.Version != 0 || x.Column != 2 || x.Row != 2 || x.ShortZH != "兰山" || x.ShortEN != "Lanshan" {
			t.Errorf("%+v", x)
		}
		if x := got["新城区"]; x.Column != 0 || x.Row != 4 || x.ShortZH != "新城区" || x.ShortEN != "New" { // below Luozhuang, the last that is known
			t.Errorf("%+v", x)
		}

		own := []Tile{{c.ids["新城区"], 0, 0, "新城", "Newtown"}, {c.ids["兰山区"], 1, 0, "兰山", "Lanshan"}}
		for name, bad := range map[string][]Tile{
			"none": {}, "two on one spot": {own[0], {c.ids["兰山区"], 0, 0, "兰山", "Lanshan"}}, "one twice": {own[0], {c.ids["新城区"], 1, 0, "新城", "Newtown"}},
			"no county": {{c.ids["临沂市"], 0, 0, "市", "City"}}, "beyond": {{c.ids["新城区"], MostTiles, 0, "新城", "Newtown"}}, "no Latin": {{c.ids["新城区"], 0, 0, "新城", "新城"}},
			"no word": {{c.ids["新城区"], 0, 0, "", "Newtown"}},
		} {
			if _, err := c.SetTiles(ctx, "op", 0, bad); fault.CodeOf(err) != "outline.tiles.invalid" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if l, err = c.SetTiles(ctx, "op", 0, own); err != nil {
			t.Fatal(err)
		}
		got = at(l)
		if x := got["新城区"]; l.Version != 1 || l.By != "op" || x.Column != 0 || x.Row != 0 || x.ShortEN != "Newtown" || len(l.Tiles) != 4 {
			t.Errorf("%+v", l)
		}
		if a, b := got["罗庄区"], got["费县"]; a.Row != 1 || b.Row != 1 || a.Column == b.Column || a.ShortEN == "" { // left out: below
			t.Errorf("%+v %+v", a, b)
		}
		if _, err := c.SetTiles(ctx, "op", 7, own); fault.KindOf(err) != fault.Stale {
			t.Error(err)
		}
		if err := c.DropTiles(ctx, "op", 1); err != nil {
			t.Fatal(err)
		}
		if l, err = c.Tiles(ctx); err != nil || l.Version != 2 || at(l)["兰山区"].Column != 2 {
			t.Errorf("%+v %v", l, err)
		}
		told, err := c.o.Places.Traces(ctx, c.o.Clock.Close(c.o.Clock.Today()), tileRecord)
		if err != nil || len(told) != 2 || told[0].Act != "tiles-dropped" || told[1].Act != "tiles-laid" || len(told[1].Turns) != 2 {
			t.Errorf("%+v %v", told, err)
		}
	})
}
