package place

import (
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestEnglishNames(t *testing.T) {
	for name, want := range map[string]string{
		"临沂市":         "Linyi City",
		"兰山区":         "Lanshan District",
		"沂水县":         "Yishui County",
		"费县":          "Feixian County",
		"莒南县":         "Junan County",
		"临沭县":         "Linshu County",
		"郯城县":         "Tancheng County",
		"临沂经济技术开发区":   "Linyi Economic and Technological Development Zone",
		"临沂临港经济开发区":   "Linyi Lingang Economic Development Zone",
		"临沂高新技术产业开发区": "Linyi High-tech Industrial Development Zone",
		"银雀山街道":       "Yinqueshan Subdistrict",
		"西安市":         "Xi'an City",
		"Old Town":    "Old Town",
		"":            "",
		"金泰社区":        "Jintai Community",
		"市":           "Shi",
		"某某回族自治县":     "Moumou Huizu Autonomous County",
	} {
		if got := English(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// What an office says a division is called goes before what the rule spells; a compound keeps what stands on its gate.
func TestSaidEnglishNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newTown(t, db)
		tree, err := w.s.Tree(w.ctx)
		w.must(err)
		q := w.s.clock.AtClose(w.s.clock.Today())
		names := tree.EnglishNames(q)
		if names["兰山区"] != "Lanshan District" || names["煤山社区"] != "Meishan Community" || names["金阳花园"] != "" {
			t.Fatalf("%v", names)
		}
		id, said := w.ids["煤山社区"], "Coal Hill"
		v, err := w.s.Change(w.ctx, "li", id, Whatever, Edit{From: q.Day, NameEN: &said})
		w.must(err)
		if v.NameEN != said || v.Called("en") != said || v.Called("zh") != "煤山社区" {
			t.Errorf("%+v", v)
		}
		names, err = w.s.EnglishNames(w.ctx, w.s.clock.AtClose(w.s.clock.Today()))
		w.must(err)
		if names["煤山社区"] != said {
			t.Errorf("%v", names)
		}
		bad := "煤山"
		if _, err := w.s.Change(w.ctx, "li", id, Whatever, Edit{From: q.Day, NameEN: &bad}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		other, err := w.s.Found(w.ctx, "li", []NewPlace{{Level: Community, Parent: v.Parent, Name: "煤山社区", NameEN: "Meishan", From: q.Day}})
		w.must(err)
		names, err = w.s.EnglishNames(w.ctx, w.s.clock.AtClose(w.s.clock.Today()))
		w.must(err)
		if names["煤山社区"] != "Meishan Community" { // two are called differently: neither name stands for both
			t.Errorf("%v %v", names["煤山社区"], other)
		}
	})
}
