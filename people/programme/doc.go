// Package programme knows where every compound stands: milestones, evidence, lights, the county table, the bulletin.
//
// Nothing about progress is typed. Facts come from the rooms that own them
// (Evidence), or from a county's approved return and are then marked so; what a
// compound has reached is computed from them, what it owes from the milestones,
// and how it stands from the programme's clock. All three have two dates: the
// day they are about and the instant at which they became known. A day is
// answered as known at its close, for ever; what became known later is seen by
// asking with a later instant.
//
// What the files own:
//
//	fact.go                  what is said of a compound
//	milestone.go             what must be true by when, for which class
//	state.go, light.go       what has been reached; green, blue, yellow, red, and why
//	tally.go                 the figures, which add up: compounds, counties, city
//	book.go, ledger.go       everything in memory, kept true by the journal
//	return.go                the monthly county return: submitted, approved, locked
//	bulletin*.go             the text and the tables of a date
//	service.go, *_store.go, *_http.go
//
// The book holds the facts and, for each county, by how much its figures change
// from one day to the next. A change in a compound takes out what the compound
// had added and puts in what it adds now. So the city's page of any past day is
// a sum over days, at any size, and no table is built at night.
package programme
