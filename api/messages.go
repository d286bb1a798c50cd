package api

import "io/fs"

// Messages is the folder messages of what a room embeds: its zh.json and en.json.
func Messages(embedded fs.FS) fs.FS {
	sub, err := fs.Sub(embedded, "messages")
	if err != nil {
		panic(err) // the name is a constant, and well-formed
	}
	return sub
}
