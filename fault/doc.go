// Package fault names the few kinds of error, each with a sentence for people and a chain for operators.
//
// A fault says what kind of trouble it is (the HTTP status and the link's answer follow from that), which
// operation met it, and a code: the key of a sentence in the message files of the room that made it. The sentence
// is for who asked; the chain below it (Err) is for who runs the server and is never sent out.
package fault
