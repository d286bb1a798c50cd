// Package grant is the door: every look at a picture asks here and gets a lease with an end.
//
// A look is asked for (camera, kind, purpose), decided by access/policy on facts gathered just now,
// and written down; only then is its lease usable. The lease is a secret in the URL of the media;
// it is never stored and never logged: rows and lists carry the look's id instead. A lease ends when
// its time is over, when nobody has used it for 15 seconds, when it is taken back, and when what
// allowed it no longer holds: the session ended, the role changed, the camera was switched off. Its
// Done channel closes at that moment, and the rooms that send pictures stop at once.
//
// Leases run on the monotonic clock: setting the clock back lengthens nothing.
package grant
