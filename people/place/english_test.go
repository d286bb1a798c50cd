package place

import "testing"

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
