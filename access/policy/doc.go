// Package policy decides who may look, at what, for which purpose: Cedar policies, pure, no I/O.
//
// The policies stand in policies/*.cedar, one sentence each in Chinese and English, and are part of
// the program: no setting and no table changes them. Each one has a name that is written beside
// every look it allowed. What no policy permits is refused; a forbid beats every permit.
package policy
