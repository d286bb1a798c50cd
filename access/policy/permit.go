package policy

import "time"

// Permit is a kind of look that the policies permit somebody, of a common area.
type Permit struct {
	Action, Purpose string
	Policy          string
	Longest         time.Duration // the longest span of footage at once; zero for what happens now
	Lasts           time.Duration
}

// mostSpan is beyond every limit on spans.
const mostSpan = 31 * 24 * time.Hour

// Permits asks the policies for every action and purpose. What they say of a span is tried out, to the second: no number
// is written a second time anywhere, so a page that follows this cannot ask for more than the door gives.
func (s *Set) Permits(f Facts, past, now []string) []Permit {
	f.Common, f.CameraDisabled = true, false
	var out []Permit
	ask := func(action, purpose string, span time.Duration) Decision {
		f.Action, f.Purpose, f.Span = action, purpose, span
		return s.Decide(f)
	}
	for _, purpose := range Purposes() {
		for _, action := range now {
			if d := ask(action, purpose, 0); d.Allow {
				out = append(out, Permit{Action: action, Purpose: purpose, Policy: d.Policy, Lasts: d.Lasts})
			}
		}
		for _, action := range past {
			d := ask(action, purpose, time.Second)
			if !d.Allow {
				continue
			}
			low, high := time.Second, mostSpan
			for high-low > time.Second {
				middle := (low + (high-low)/2).Truncate(time.Second)
				if ask(action, purpose, middle).Allow {
					low = middle
				} else {
					high = middle
				}
			}
			out = append(out, Permit{Action: action, Purpose: purpose, Policy: d.Policy, Longest: low, Lasts: d.Lasts})
		}
	}
	return out
}
