// Package policy decides who may look, at what, for which purpose, and who may do what in the programme: Cedar policies, pure, no I/O.
//
// The policies stand in policies/looks and policies/office, one sentence each in Chinese and English, and are part of
// the program: no setting and no table changes them. Each one has a name, which is written beside every
// look it allowed and said by every refusal. What no policy permits is refused; a forbid beats every permit.
package policy
