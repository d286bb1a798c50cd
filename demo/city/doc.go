// Package city makes the demo city: Linyi's programme from April 2017 to June 2018, invented, but for the published figures to the digit.
//
// A seeded generator writes a script: what was said on which day, by whom. The
// script is played into the rooms of a database (Play), or told to a book in
// memory (Tell); both know the same afterwards. It is played until a day, and on
// from there when the demo's clock moves.
//
//	divisions.go   the tree down to the communities
//	compounds.go   2,400 compounds: names, classes, how fast each one is
//	exact.go       which of them are built and networked on the published day, and the sums
//	script.go      days turned into steps
//	purse.go       what help money became
//	office.go      what the offices do besides: supervision
//	drive.go       the September campaign
//	inspection.go  the acceptance of the end of November
//	mover.go       lets the story go on while the demo runs
//	act.go         the steps: what a room is told, and what a book in memory learns from it
package city
