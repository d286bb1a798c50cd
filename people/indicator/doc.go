// Package indicator keeps indicators: named formulas over the programme's figures, with a period and a direction, and their targets.
//
// A formula knows the figures that the programme counts (Figures, which role
// plugs in) and nothing else. Nothing counts residents, who takes part, reports
// or incidents, so no indicator can; words for them are refused with the reason
// (red lines 7 and 8; place.NamesTakingPart). A definition is a way of looking: any day is looked at
// with the newest one. A target is a decision: a past day sees those that were
// known at its close.
package indicator
