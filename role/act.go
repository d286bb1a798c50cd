package role

import (
	"context"
	"os/user"

	"linli.dev/linli/store"
)

// Act writes down that somebody is about to change something in the data folder from the command line, past every page and its rights. The
// ledger has it with the change itself: within a second beside a server, else at the next start. what is who or what it is done to.
func Act(ctx context.Context, db *store.DB, command, what string) error {
	by := ""
	if u, err := user.Current(); err == nil {
		by = u.Username
	}
	return db.Change(ctx, func(_ context.Context, tx *store.Tx) error {
		return tx.Emit("program", "program.command", "", map[string]any{"command": command, "what": what, "by": by})
	})
}
