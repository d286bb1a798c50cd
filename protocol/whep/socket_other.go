//go:build !linux

package whep

import (
	"net"
	"net/netip"
)

// Elsewhere packets go one by one, from the address that the system picks.
func prepareSocket(*net.UDPConn, bool) bool         { return false }
func refusesOffload(error) bool                     { return true }
func appendSegmentSize(oob []byte, size int) []byte { return oob }
func arrivedAt([]byte) netip.Addr                   { return netip.Addr{} }
func leaveFrom(netip.Addr) []byte                   { return nil }
func unsent(net.Conn) int                           { return 0 }

// rawSocket has no short way here.
type rawSocket struct{}

type rawName struct{}

func (*rawSocket) open(*net.UDPConn)                   {}
func (*rawSocket) close()                              {}
func (*rawSocket) name(netip.AddrPort) rawName         { return rawName{} }
func (*rawSocket) send([]byte, []byte, *rawName) error { return errWouldBlock }
