package grant

import (
	"context"

	"linli.dev/linli/access/policy"
	"linli.dev/linli/api"
)

// PermitView is a kind of look that the policies permit the caller.
type PermitView struct {
	Kind     Kind   `json:"kind" enum:"live,playback,export,snapshot,rtsp"`
	Purpose  string `json:"purpose"`
	LongestS int    `json:"longest_s,omitempty" doc:"Playback and export: the longest span of footage at once."`
	LastsS   int    `json:"lasts_s" doc:"How long such a look lasts at most."`
	Policy   string `json:"policy" doc:"What allows it."`
	Sentence string `json:"sentence" doc:"The policy in words."`
}

func (d *Door) getPermits(ctx context.Context, _ *struct{}) (*struct {
	Body struct {
		Permits []PermitView `json:"permits"`
	}
}, error,
) {
	who := api.CallerFrom(ctx)
	f := policy.Facts{Account: who.Account, Kind: who.Kind, Roles: who.Roles, FirstPassword: who.MustChange}
	out := &struct {
		Body struct {
			Permits []PermitView `json:"permits"`
		}
	}{}
	out.Body.Permits = []PermitView{}
	for _, p := range d.policies.Permits(f, []string{string(Playback), string(Export)}, []string{string(Live), string(Snapshot), string(RTSP)}) {
		out.Body.Permits = append(out.Body.Permits, PermitView{
			Kind: Kind(p.Action), Purpose: p.Purpose, LongestS: int(p.Longest.Seconds()), LastsS: int(p.Lasts.Seconds()),
			Policy: p.Policy, Sentence: d.Sentence(p.Policy, api.Language(ctx)),
		})
	}
	return out, nil
}
