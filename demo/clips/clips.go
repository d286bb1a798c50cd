// Package clips holds the demo's pictures, drawn by this project: a quiet compound without people. regenerate.sh draws them anew.
package clips

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.mp4
var files embed.FS

// Scene is one camera's view.
type Scene struct {
	Name      string
	Main, Sub []byte // MP4
}

// Scenes lists the drawn views in the order of their file names, NN-name-main.mp4 and NN-name-sub.mp4.
func Scenes() []Scene {
	names, err := fs.Glob(files, "*-main.mp4")
	if err != nil {
		panic(err) // the pattern is constant
	}
	var out []Scene
	for _, name := range names {
		base := strings.TrimSuffix(name, "-main.mp4")
		s := Scene{Name: base}
		for file, into := range map[string]*[]byte{name: &s.Main, base + "-sub.mp4": &s.Sub} {
			raw, err := files.ReadFile(file)
			if err != nil {
				panic(err) // embedded with the program; a test reads them all
			}
			*into = raw
		}
		out = append(out, s)
	}
	return out
}
