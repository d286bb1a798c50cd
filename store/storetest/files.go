package storetest

import (
	"net/http"
	"os"
	"strings"
)

// OpenFiles counts the process's file descriptors, but for those of SQLite: a database keeps its connections, as many as were ever
// needed at once, and that is a pool, no leak.
func OpenFiles() (n int) {
	http.DefaultClient.CloseIdleConnections()
	all, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range all {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && !strings.Contains(to, ".db") {
			n++
		}
	}
	return n
}
