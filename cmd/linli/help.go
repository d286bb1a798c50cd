package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/text/width"

	"linli.dev/linli/api"
)

// asksForHelp turns "help COMMAND" into "COMMAND" and takes the help flag out.
func asksForHelp(args []string) (rest []string, asked bool) {
	if len(args) == 0 {
		return nil, true
	}
	if args[0] == "help" {
		args, asked = args[1:], true
	}
	for _, a := range args {
		if a == "--help" || a == "-h" {
			asked = true
			continue
		}
		rest = append(rest, a)
	}
	return rest, asked
}

// helper prints how a command is used. The parser's own printer knows English only, and no wide characters.
type helper struct {
	w     io.Writer
	v     *api.Voice
	width int // columns
}

func newHelper(w io.Writer, v *api.Voice) *helper {
	h := &helper{w: w, v: v, width: 100}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n >= 40 {
		h.width = min(n, h.width)
	}
	return h
}

func (h *helper) say(code string) string { return h.v.Say("cli." + code) }

// usage is one line: what has to stand there, and what may.
func (h *helper) usage(app *kong.Application, n *kong.Node) string {
	line := []string{h.say("usage"), app.Name}
	if n != nil {
		line = append(line, strings.Split(dotted(n), ".")...)
		var either []string
		for _, f := range n.Flags {
			switch {
			case len(f.Xor) > 0 && f.Required:
				either = append(either, f.String())
			case f.Required:
				line = append(line, f.String())
			}
		}
		if len(either) > 0 {
			line = append(line, strings.Join(either, "|"))
		}
		for _, p := range n.Positional {
			line = append(line, p.Summary())
		}
	}
	if n == nil || len(n.Children) > 0 {
		line = append(line, "<"+h.say("command")+">")
	}
	return strings.Join(append(line, "["+h.say("options")+"]"), " ")
}

// print says all about a command; nil: about the program.
func (h *helper) print(app *kong.Application, n *kong.Node) {
	about, children := h.say("about"), app.Leaves(true)
	if n != nil {
		about, children = n.Help, n.Leaves(true)
	}
	fmt.Fprintf(h.w, "%s\n\n", h.usage(app, n))
	for _, line := range wrap(about, h.width) {
		fmt.Fprintln(h.w, line)
	}
	common := [][2]string{{"-h, --help", h.say("help.help")}}
	for _, f := range app.Flags {
		common = append(common, flagRow(f))
	}
	if n == nil || len(n.Children) > 0 {
		var rows [][2]string
		for _, c := range children {
			rows = append(rows, [2]string{strings.ReplaceAll(dotted(c), ".", " "), c.Help})
		}
		h.table("commands", rows)
	}
	if n != nil {
		var arguments, flags [][2]string
		for _, p := range n.Positional {
			arguments = append(arguments, [2]string{p.Summary(), p.Help})
		}
		for _, f := range n.Flags {
			if !f.Hidden {
				flags = append(flags, flagRow(f))
			}
		}
		h.table("arguments", arguments)
		h.table("own-options", flags)
	}
	h.table("common-options", common)
	if n == nil || len(n.Children) > 0 {
		fmt.Fprintf(h.w, "\n%s\n", h.say("more"))
	}
}

func flagRow(f *kong.Flag) [2]string {
	name := f.String()
	if f.Short == 0 {
		name = "    " + name
	}
	text := f.Help
	if len(f.Envs) > 0 {
		text += " ($" + f.Envs[0] + ")"
	}
	return [2]string{name, text}
}

func (h *helper) table(title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	left := 0
	for _, r := range rows {
		left = max(left, len(r[0]))
	}
	left = min(left, 32)
	fmt.Fprintf(h.w, "\n%s\n", h.say(title))
	for _, r := range rows {
		lines := wrap(r[1], max(h.width-left-6, 24))
		if len(r[0]) > left {
			fmt.Fprintf(h.w, "  %s\n", r[0])
		} else {
			fmt.Fprintf(h.w, "  %-*s    %s\n", left, r[0], lines[0])
			lines = lines[1:]
		}
		for _, l := range lines {
			fmt.Fprintf(h.w, "  %-*s    %s\n", left, "", l)
		}
	}
}

// wrap breaks a text into lines of so many columns: at spaces, and between wide characters, which have none.
func wrap(text string, columns int) (lines []string) {
	var line []rune
	used, at := 0, -1 // at: index in line behind which it may be broken
	for _, r := range text {
		cols := columnsOf(r)
		// No line begins with a mark that closes.
		if cols == 2 && len(line) > 0 && !strings.ContainsRune("，。；：、）”？！", r) {
			at = len(line)
		}
		if used+cols > columns && at > 0 {
			rest := []rune(strings.TrimLeft(string(line[at:]), " "))
			lines = append(lines, strings.TrimRight(string(line[:at]), " "))
			line, used, at = rest, 0, -1
			for _, x := range rest {
				used += columnsOf(x)
			}
		}
		line = append(line, r)
		used += cols
		if r == ' ' {
			at = len(line)
		}
	}
	return append(lines, strings.TrimRight(string(line), " "))
}

func columnsOf(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
