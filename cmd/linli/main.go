// Command linli keeps a residential compound safe without watching anybody: cameras, rounds, reports, and the city's programme.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // rosters and deadlines are in Asia/Shanghai, on machines without zone files too

	"github.com/alecthomas/kong"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// version is set by the build.
var version = "unknown"

type commands struct {
	Serve    serveCmd    `cmd:"" help:"Run a compound: cameras in, recorded, watched, played back."`
	Demo     demoCmd     `cmd:"" help:"Run a compound with demo data and simulated cameras."`
	Camsim   camsimCmd   `cmd:"" help:"Simulate RTSP cameras from a clip."`
	Fsck     fsckCmd     `cmd:"" help:"Compare the footage on disk with the archive; report or mend each difference."`
	Bulletin bulletinCmd `cmd:"" help:"The city's bulletin of a day: figures, county table, late list, help money."`
	Account  accountCmd  `cmd:"" help:"List, create, lock accounts; set a new password."`
	Token    tokenCmd    `cmd:"" help:"Tokens for programs, with named permissions; never for pictures."`
	Openapi  openapiCmd  `cmd:"" help:"Print the OpenAPI 3.1 document of this version."`
	Version  versionCmd  `cmd:"" help:"Print the version."`

	Config   string `help:"YAML file with the same names as the flags; flags and LINLI_… variables win." type:"existingfile" placeholder:"FILE"`
	LogLevel string `help:"How much is logged: debug, info, warn, error." default:"info" enum:"debug,info,warn,error"`
	LogJSON  bool   `help:"Log as JSON lines."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	var c commands
	options := []kong.Option{
		kong.Name("linli"),
		kong.Description("邻里 Linli: the safety work of a residential compound, and nobody watched without a reason."),
		kong.UsageOnError(),
		kong.DefaultEnvars("LINLI"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	}
	if file := configPath(args); file != "" {
		values, err := fileValues(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, "linli:", err)
			return 2
		}
		options = append(options, kong.Resolvers(values))
	}
	parser, err := kong.New(&c, options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "linli:", err)
		return 2
	}
	k, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	log := newLogger(c.LogLevel, c.LogJSON)
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(log); err != nil {
		fmt.Fprintln(os.Stderr, "linli:", sentence(err))
		return 1
	}
	return 0
}

func newLogger(level string, json bool) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // kong checked it
	opts := &slog.HandlerOptions{Level: l}
	if json {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}

// sentence says what is wrong in the terminal's language, followed by the whole chain with its codes, by which the
// docs can be searched.
func sentence(err error) string {
	language := "en"
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				language = "zh"
			}
			break
		}
	}
	if said, ok := api.Explain(err, language, identity.Sentences(), place.Sentences(), pairing.Sentences(), programme.Sentences()); ok {
		return said + "\n       " + err.Error()
	}
	return err.Error()
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println("linli", version)
	return nil
}
