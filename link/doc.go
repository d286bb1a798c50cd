// Package link tells the city's hub which cameras a compound's machine has registered and seen, and nothing else about them.
//
// A node is told the hub's address and a token that is for one compound. It says all of its cameras each time: a name, the
// kind of area, whether the camera is in use, and whether a picture of it was seen today. The type Camera has no field for
// more. What a camera looks at, where its stream is, its pictures, and when it failed stay at home; so does its id, of
// which the hub gets a hash. It goes over https, or http to this machine itself, and follows no redirect: the token is
// shown to nobody else.
//
// A hub that cannot be reached, or says no, is asked again after a while that doubles up to ten minutes; nothing is lost
// meanwhile, for the next report says everything.
package link
