package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// configFile is the file that was named before the flags are parsed: --config, or LINLI_CONFIG.
func configFile(args []string, env func(string) string) string {
	if v := valueOf(args, "--config"); v != "" {
		return v
	}
	return env("LINLI_CONFIG")
}

// fileValues reads a YAML file whose keys are the names of flags. A name that no command knows is refused,
// so that a typing error does not silently leave a default in force.
func fileValues(path string) (*fileResolver, error) {
	k := koanf.New("\x00")
	if err := k.Load(file.Provider(kong.ExpandPath(path)), yaml.Parser()); err != nil {
		return nil, wrong("config-unread", "path", path, "detail", err)
	}
	r := &fileResolver{path: path, values: k.All()}
	return r, nil
}

type fileResolver struct {
	path   string
	values map[string]any
}

func (r *fileResolver) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok {
			known[f.Name] = true
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	var unknown []string
	for name := range r.values {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	if len(unknown) > 0 {
		return wrong("config-unknown", "path", r.path, "names", unknown)
	}
	return nil
}

// Resolve gives the file's word on a flag that nobody typed. The parser asks it of those too that a variable has set, and
// would take the file's: a variable is nearer to whoever starts the program, and wins.
func (r *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	v := r.values[flag.Name]
	if v == nil { // not there, or a name with nothing behind it
		return nil, nil
	}
	if list, ok := v.([]any); ok {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = spelled(e)
		}
		return kong.JoinEscaped(parts, ','), nil
	}
	return spelled(v), nil
}

// word is a value of the file that is needed before the flags are parsed; "" without a file.
func (r *fileResolver) word(name string) string {
	if r == nil || r.values[name] == nil {
		return ""
	}
	return spelled(r.values[name])
}

// spelled writes a value as one would type it. YAML makes a time of what looks like a day.
func spelled(v any) string {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return fmt.Sprint(v)
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}
