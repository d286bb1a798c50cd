// Package inspection keeps scoring forms and the inspections made with them: pass, mend or fail, mending, re-check.
//
//	form.go        a form: sections, items, points, vetoes; its versions never change once published
//	check.go       what is wrong with a form; what asks about residents is refused (red line 8)
//	difference.go  what one version of a form asks otherwise than another
//	xlsform.go     forms as XLSForm workbooks, as other tools keep them
//	answer.go      what inspectors send, from phones that were offline: the order of arrival does not matter
//	score.go       points, and pass, mend or fail
//	inspection.go  the life of an inspection: planned, filled in, signed by all of the team, finished for ever
//	mending.go     what is to be mended, by when, reported, looked at again
//	standing.go    how a compound stands on a day, and what the programme is told of it
//
// A team has at least two inspectors. Their phones work without a network: an answer
// and a photo have an id that the phone made, so sending twice keeps once; an answer
// says which answers it has seen and replaces, so nobody's is overwritten unseen.
// What two said differently stays a difference until one of them, having seen
// both, settles it. When all have signed the same answers, the result is computed.
//
// A form asks of places, things and work, never of residents. Publishing needs a
// second person; what is published, and how versions differ, is public.
package inspection
