// Package onvif asks cameras and recorders what they are, where their streams are, and who is on this network.
//
// It is the small part of ONVIF that filling in a form needs: SOAP 1.2 with a
// WS-Security digest (and HTTP digest, where a device wants that instead), and
// WS-Discovery. Everything a device answers is bounded and may be a lie; an
// address it names is never called as it stands, only its path on the device
// that was asked.
package onvif
