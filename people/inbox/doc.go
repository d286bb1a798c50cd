// Package inbox gathers what waits for a person, out of all rooms of the programme: tasks to sign for, what is near due,
// what is to be checked, returns owed, bulletins to review.
//
// It keeps nothing: each room says through a Source what waits for the caller, and role plugs the sources in. What is
// done is gone from it by itself.
package inbox
