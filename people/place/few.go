package place

import (
	"context"
	"slices"

	"linli.dev/linli/api"
)

// Red line 7: of who takes part nobody outside of a compound is told more than a
// count, and none below ten. Volunteers take part; guards are on duty, and are
// told as they are.
const (
	volunteers Sort = "volunteer"
	fewBelow        = 10
)

// FewWord stands in a change for a number that is not told.
const FewWord = "few"

// Few reports whether a number of a sort is told to the compound itself only.
func (s Sort) Few(n int) bool { return s == volunteers && n > 0 && n < fewBelow }

// Own reports whether the caller has an office of the compound itself: what is
// counted of its volunteers it may read as it is. Nobody else may, the offices
// above and whoever runs the server included.
func Own(ctx context.Context, compound ID) bool {
	return slices.ContainsFunc(api.CallerFrom(ctx).Offices, func(o api.Office) bool { return o.Place == string(compound) })
}

// hide takes out of an asset what is told to its compound only. The increase
// goes too where it would tell what the number was.
func (a *Asset) hide() {
	if a.Sort.Few(a.Number) {
		a.Few, a.Number, a.Increase = true, 0, 0
	} else if a.Sort.Few(a.was) {
		a.Increase = 0
	}
}

// hide is the same for a field of a change.
func (t *Turn) hide() {
	if t.Field != "sort."+string(volunteers) {
		return
	}
	for _, n := range []*string{&t.Was, &t.Is} {
		if len(*n) == 1 && *n != "0" { // 1 to 9
			*n = FewWord
		}
	}
}

// hideFew hides what is told to a compound only from whoever is not of it.
func hideFew(ctx context.Context, compound ID, assets []Asset, traces []Trace) {
	if Own(ctx, compound) {
		return
	}
	for i := range assets {
		assets[i].hide()
	}
	for i := range traces {
		for j := range traces[i].Turns {
			traces[i].Turns[j].hide()
		}
	}
}
