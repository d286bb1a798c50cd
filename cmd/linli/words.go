package main

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

//go:embed words/zh.json words/en.json
var messages embed.FS

// sentences of the commands themselves.
func sentences() fs.FS {
	sub, err := fs.Sub(messages, "words")
	if err != nil {
		panic(err) // the name is constant
	}
	return sub
}

// languageOf finds the language before the flags are parsed, as the help is in it already: --lang, LINLI_LANG, the
// configuration file's, or the terminal's.
func languageOf(args []string, env func(string) string, inFile string) string {
	asked := inFile
	if v := env("LINLI_LANG"); v != "" {
		asked = v
	}
	if v := valueOf(args, "--lang"); v != "" {
		asked = v
	}
	if asked == "zh" || asked == "en" {
		return asked
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" { // the first that is set decides, as for every other program
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// valueOf finds a flag's value before the flags are parsed.
func valueOf(args []string, flag string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, flag+"="); ok {
			return v
		}
		if a == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// explain hands the grammar its sentences. One of a command's own goes before that of all flags of the name.
func explain(app *kong.Application, v *api.Voice) {
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		switch n := node.(type) {
		case *kong.Node:
			if n.Type == kong.CommandNode {
				n.Help = v.Say("cli.cmd." + dotted(n))
			}
			for _, f := range n.Flags {
				if !f.Hidden {
					f.Help = own(v, "cli.flag.", n, f.Name)
				}
			}
			for _, p := range n.Positional {
				p.Help = own(v, "cli.arg.", n, p.Name)
			}
		case *kong.Application:
			for _, f := range n.Flags {
				f.Help = v.Say("cli.flag." + f.Name)
			}
		}
		return next(nil)
	})
}

func own(v *api.Voice, kind string, n *kong.Node, name string) string {
	code := kind + dotted(n) + "." + name
	if said := v.Say(code); said != code {
		return said
	}
	return v.Say(kind + name)
}

// dotted is a command's path: account.create.
func dotted(n *kong.Node) string {
	if n.Parent == nil || n.Parent.Type == kong.ApplicationNode {
		return n.Name
	}
	return dotted(n.Parent) + "." + n.Name
}

// sentence says what is wrong. What only an operator can use, the chain with its codes by which the docs can be searched,
// follows where there is a cause: a wrong date has none.
func sentence(err error, v *api.Voice) string {
	said, ok := api.Explain(err, v.Language(), sentences(), identity.Sentences(), archive.Sentences(), place.Sentences(), pairing.Sentences(), programme.Sentences())
	if !ok {
		return err.Error()
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Err == nil && f.Kind != fault.Internal {
		return said
	}
	return said + "\n       " + err.Error()
}

// wrong is a mistake in what was typed.
func wrong(what string, args ...any) error {
	return fault.New(fault.Invalid, "linli", "cli.wrong."+what, args...)
}

// dataFolder is where a short command finds the server's data.
func dataFolder(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return wrong("no-data", "path", dir)
	} else if err != nil {
		return fault.Wrap(err, fault.Unavailable, "linli", "cli.wrong.no-data", "path", dir)
	}
	return nil
}
