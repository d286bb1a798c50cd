package role

import "net"

// InTheOpen is a way in that other machines can take and that nothing encrypts.
type InTheOpen struct {
	What    string // "plain": pages and API; "plain-rtsp": pictures for desktop players
	Address string
}

// InTheOpen lists what anybody on the network could read along. With an https public URL something in front of this
// server encrypts the pages.
func (c Config) InTheOpen() (list []InTheOpen) {
	if pages := (c.TLS == "" || c.TLS == "off") && c.TLSCert == ""; pages && !isHTTPS(c.PublicURL) && reachable(c.Listen) {
		list = append(list, InTheOpen{"plain", c.Listen})
	}
	if c.RTSP != "" && reachable(c.RTSP) {
		list = append(list, InTheOpen{"plain-rtsp", c.RTSP})
	}
	return list
}

func isHTTPS(url string) bool { return len(url) > 8 && url[:8] == "https://" }

// reachable tells whether an address to listen on can be called from other machines.
func reachable(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host) // none: every address, or a name of this machine
	return ip == nil || !ip.IsLoopback()
}
