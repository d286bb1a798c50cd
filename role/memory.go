package role

import (
	"os"
	"runtime/debug"
)

// garbage is the share of the live heap that may gather before it is collected, in percent; Go's own default is 100. Most of
// what lives here is pictures on their way to disk: blocks without a pointer, which a collection does not read, and
// which the streams use again instead of making garbage. So collections are cheap and rare, and room for much garbage
// would only be memory that nobody uses. GOGC in the environment wins.
const garbage = 50

func frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}
