// Package sheet takes lists of places and of what compounds have (channels, areas, protection) as offices keep them, Excel, CSV or pasted cells, and gives them out again.
//
// A list is uploaded into a file of its own, beside the database. It is read as
// a stream, as often as needed, so that a long one takes no more memory than a
// short one: to find its headings, to check it, to write it, to give back its
// bad rows. Nothing of it is seen before it is committed; then one transaction
// makes all of it so, and what is needed to take it back.
//
// What the files own:
//
//	listing.go, column.go   the kinds of list: what each may say, and in which words
//	book.go, text.go, xlsx.go    rows of a file, whatever its kind, under limits
//	table.go, heading.go    where the headings are and what they mean; what is refused (red line 8)
//	cell.go                 numbers, days and choices as people type them
//	index.go, twin.go       which place and which compound is meant; likely duplicates
//	check.go, deed.go       a row on its way to what it would change; check_place.go where it lies
//	division.go, building.go, fresh.go    which division or building a row means; places that rows make
//	export_places.go        lists of divisions and buildings that are given out
//	thing.go, column_thing.go    rows about what compounds have; channel.go, area.go, asset.go each of them
//	spool.go                a workbook unpacked, before the transaction that writes it
//	draft.go, run.go        an upload and the work on it: progress, an end, a limit
//	stage.go                how a long list is written without others waiting for it
//	commit.go, undo.go      all or nothing, or the good rows; taken back unless somebody has edited since
//	template.go, export.go, bad.go, sheetfile.go    files that are given out
//
// Places themselves are kept by people/place; this room keeps who imported
// what, and how each sender heads its columns.
package sheet
