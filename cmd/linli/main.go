// Command linli keeps a residential compound safe without watching anybody: cameras, rounds, reports, and the city's programme.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // rosters and deadlines are in Asia/Shanghai, on machines without zone files too

	"github.com/alecthomas/kong"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// version is set by the build.
var version = "unknown"

// leasesPerAccount is empty in every program but the one that is built to be measured, which opens more pictures at a time than
// an account may: no flag, variable or file raises it.
var leasesPerAccount = ""

type commands struct {
	Serve    serveCmd    `cmd:""`
	Demo     demoCmd     `cmd:""`
	Camsim   camsimCmd   `cmd:""`
	Fsck     fsckCmd     `cmd:""`
	Ledger   ledgerCmd   `cmd:""`
	Bulletin bulletinCmd `cmd:""`
	Account  accountCmd  `cmd:""`
	Token    tokenCmd    `cmd:""`
	Node     nodeCmd     `cmd:""`
	Openapi  openapiCmd  `cmd:""`
	Version  versionCmd  `cmd:""`

	Config   string `type:"existingfile" placeholder:"FILE"`
	LogLevel string `default:"auto" enum:"auto,debug,info,warn,error"`
	LogJSON  bool
	Lang     string `default:"auto" enum:"auto,zh,en"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, bad io.Writer) int {
	var c commands
	args, help := asksForHelp(args)
	parser, v, err := grammar(&c, args, help)
	if v == nil {
		fmt.Fprintln(bad, "linli:", err)
		return 2
	}
	fail := func(err error) int {
		fmt.Fprintln(bad, "linli:", sentence(err, v))
		return 2
	}
	if err != nil {
		return fail(err)
	}
	if help {
		k, err := kong.Trace(parser, args)
		if err != nil {
			return fail(misread(err))
		}
		if k.Error != nil && k.Selected() == nil && len(args) > 0 {
			return fail(misread(k.Error))
		}
		newHelper(out, v).print(parser.Model, k.Selected())
		return 0
	}
	k, err := parser.Parse(args)
	if err != nil {
		var f *fault.Error
		if !errors.As(err, &f) {
			err = misread(err)
		}
		fmt.Fprintln(bad, "linli:", sentence(err, v))
		fmt.Fprintln(bad, "      ", v.Say("cli.try", "command", strings.Join(append([]string{"linli", "help"}, named(parser.Model, args)...), " ")))
		return 2
	}
	log := newLogger(c.LogLevel, c.LogJSON)
	k.BindTo(ctx, (*context.Context)(nil))
	k.BindTo(out, (*io.Writer)(nil))
	if err := k.Run(log, v, logged(c.LogLevel)); err != nil {
		fmt.Fprintln(bad, "linli:", sentence(err, v))
		return 1
	}
	return 0
}

// grammar makes the parser of a command line, with the sentences of its language and, where a file was named, with what stands
// in it: what is typed goes before a variable, a variable before the file, the file before the default. Without a voice there is
// no language to say the error in.
func grammar(c *commands, args []string, help bool) (*kong.Kong, *api.Voice, error) {
	var values *fileResolver
	var unread error
	if file := configFile(args, os.Getenv); file != "" && !help {
		values, unread = fileValues(file)
	}
	v, err := api.NewVoice(languageOf(args, os.Getenv, values.word("lang")), sentences())
	if err != nil {
		return nil, nil, err
	}
	if unread != nil {
		return nil, v, unread
	}
	options := []kong.Option{kong.Name("linli"), kong.DefaultEnvars("LINLI"), kong.NoDefaultHelp()}
	if values != nil {
		options = append(options, kong.Resolvers(values))
	}
	parser, err := kong.New(c, options...)
	if err != nil {
		return nil, v, err
	}
	explain(parser.Model, v)
	return parser, v, nil
}

// named is the command that the arguments begin with, as far as there is one.
func named(app *kong.Application, args []string) (path []string) {
	for n, i := app.Node, 0; i < len(args); i++ {
		at := slices.IndexFunc(n.Children, func(c *kong.Node) bool { return c.Name == args[i] })
		if at < 0 {
			break
		}
		n = n.Children[at]
		path = append(path, n.Name)
	}
	return path
}

// logged is how much somebody wants to read of the log; "auto" when nobody has said.
type logged string

func newLogger(level string, json bool) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // kong checked it; "auto" is none, and leaves it at info
	opts := &slog.HandlerOptions{Level: l}
	if json {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println("linli", version)
	return nil
}
