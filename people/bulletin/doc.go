// Package bulletin keeps an office's bulletins: drafted, reviewed by another person, issued with a number, corrected by a new one, in the office's own letterhead.
//
// What a bulletin says is composed by whoever knows the figures (Composer, which
// role plugs in) for a day; an office adds paragraphs, in which figures stand as
// names, and types no number. An issued bulletin never changes: its content and
// its files are kept with their hashes. A correction is a new bulletin, which
// names the old one and says what differs.
//
// Everybody who has signed in reads what is issued: who may read the office's
// whole area in the edition that names compounds, everybody else in the public
// one. Drafts are the office's alone.
package bulletin
