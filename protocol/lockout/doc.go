// Package lockout remembers which passwords a device has refused, so that nobody locks this machine out by trying again
//
// Recorders lock an address out for half an hour after about five wrong passwords, and with it the recording of all their
// channels. A stream that connects, a test of a source, a still picture and a wish for a key frame are one address to them:
// what one of these was refused, the others do not try. A restart must not forget it either, or a service that is started
// again and again does what it should prevent.
package lockout
