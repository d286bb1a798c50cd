package policy_test

import (
	"slices"
	"testing"
	"time"

	"linli.dev/linli/access/policy"
)

// What is told beforehand is what the door decides afterwards, to the second.
func TestPermitsAreWhatIsDecided(t *testing.T) {
	set, err := policy.New()
	if err != nil {
		t.Fatal(err)
	}
	past, now := []string{"playback", "export"}, []string{"live", "snapshot", "rtsp"}
	longest := map[string]map[string]time.Duration{
		"guard":    {"playback": 7 * 24 * time.Hour, "export": 24 * time.Hour},
		"operator": {"playback": time.Hour},
		"staff":    {},
	}
	for role, want := range longest {
		who := policy.Facts{Account: "x", Kind: "account", Roles: []string{role}}
		permits := set.Permits(who, past, now)
		for _, action := range past {
			at := slices.IndexFunc(permits, func(p policy.Permit) bool { return p.Action == action })
			if (at >= 0) != (want[action] > 0) || at >= 0 && permits[at].Longest != want[action] {
				t.Errorf("%s, %s: %+v, want %v", role, action, permits, want[action])
			}
		}
		for _, action := range append(past, now...) {
			for _, purpose := range policy.Purposes() {
				at := slices.IndexFunc(permits, func(p policy.Permit) bool { return p.Action == action && p.Purpose == purpose })
				f := who
				f.Camera, f.Common, f.Action, f.Purpose = "c", true, action, purpose
				if slices.Contains(past, action) {
					f.Span = time.Second
				}
				if set.Decide(f).Allow != (at >= 0) {
					t.Errorf("%s, %s, %s: told %v", role, action, purpose, at >= 0)
				}
				if at < 0 || f.Span == 0 {
					continue
				}
				f.Span = permits[at].Longest
				atMost := set.Decide(f).Allow
				f.Span += time.Second
				if beyond := set.Decide(f).Allow; !atMost || beyond {
					t.Errorf("%s, %s, %s: %v is not the longest", role, action, purpose, permits[at].Longest)
				}
			}
		}
	}
	if got := set.Permits(policy.Facts{Account: "x", Kind: "token", Roles: []string{"guard"}}, past, now); len(got) != 0 {
		t.Errorf("a token: %+v", got)
	}
}
