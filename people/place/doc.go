// Package place keeps the dated tree from the city down to the building, and what a compound is: its class, areas, protection assets and channels.
//
// Nothing in here is overwritten. A version, a mark, a count, a state says from
// which day it holds and when it became known; the past is answered by both
// (Picks), so a merge, a split, a move or a correction never changes an old
// report, and the correction stands beside it.
//
// What the files own:
//
//	day.go, clock.go    calendar days; the programme's clock, which stamps what becomes known
//	place.go, tree.go   the levels and their rules; the tree at a day
//	class.go            demonstration, helped, other; weak
//	area.go, asset.go   named parts of a compound; people, physical and technical protection
//	channel.go          one row for each camera channel, without a source: that stays at the compound
//	node*.go            which compound the cameras of this machine belong to; what the register says becomes steps of its channels
//	text.go             what no text in the people rooms may hold
//	change.go           founding, changing, merging, splitting, ending
//	service.go, *_store.go, *_http.go
//
// "Weak", and what is broken where, is for staff only: it would serve a burglar.
package place
