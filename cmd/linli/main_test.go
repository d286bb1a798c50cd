package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// typed runs a command line, and gives its exit code and what it said.
func typed(t *testing.T, language string, args ...string) (code int, out, bad string) {
	t.Helper()
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LINLI_LANG", "LINLI_CONFIG"} {
		t.Setenv(name, "")
		_ = os.Unsetenv(name)
	}
	t.Setenv("LANG", language)
	t.Setenv("COLUMNS", "")
	var o, b bytes.Buffer
	code = run(t.Context(), args, &o, &b)
	return code, o.String(), b.String()
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		args, env, want string
	}{
		{"", "", "en"},
		{"", "LANG=zh_CN.UTF-8", "zh"},
		{"", "LANG=zh_CN.UTF-8 LC_ALL=C", "en"},
		{"", "LANG=C LC_MESSAGES=zh_TW", "zh"},
		{"", "LANG=zh_CN LC_MESSAGES=de_DE", "en"},
		{"--lang=zh", "LANG=C", "zh"},
		{"serve --lang en", "LANG=zh_CN", "en"},
		{"--lang auto", "LANG=zh_CN", "zh"},
		{"", "LANG=C LINLI_LANG=zh", "zh"},
		{"--lang en", "LANG=C LINLI_LANG=zh", "en"},
		{"", "LANG=C file=zh", "zh"},
		{"", "LANG=zh_CN LINLI_LANG=en file=zh", "en"},
		{"", "LANG=C LINLI_LANG=auto file=zh", "en"},
		{"--lang=en", "LANG=zh_CN file=zh", "en"},
	} {
		env := map[string]string{}
		for _, one := range strings.Fields(c.env) {
			k, v, _ := strings.Cut(one, "=")
			env[k] = v
		}
		if got := languageOf(strings.Fields(c.args), func(k string) string { return env[k] }, env["file"]); got != c.want {
			t.Errorf("%q %s: %s", c.args, c.env, got)
		}
	}
}

// The grammar has no sentence of its own, and the message files none that nobody says.
func TestEverySentenceIsUsed(t *testing.T) {
	raw, err := os.ReadFile("words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]string{}
	if err := json.Unmarshal(raw, &left); err != nil {
		t.Fatal(err)
	}
	var c commands
	app, err := kong.New(&c, kong.Name("linli"), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	use := func(what string, codes ...string) {
		for _, code := range codes {
			if _, ok := left[code]; ok || what == "" {
				left[code] = ""
				return
			}
		}
		t.Errorf("%s has no sentence", what)
	}
	_ = kong.Visit(app.Model, func(node kong.Visitable, next kong.Next) error {
		n, ok := node.(*kong.Node)
		if !ok {
			return next(nil)
		}
		use(n.Name, "cli.cmd."+dotted(n))
		for _, f := range n.Flags {
			if !f.Hidden {
				use(n.Name+" --"+f.Name, "cli.flag."+dotted(n)+"."+f.Name, "cli.flag."+f.Name)
			}
		}
		for _, p := range n.Positional {
			use(n.Name+" "+p.Name, "cli.arg."+dotted(n)+"."+p.Name, "cli.arg."+p.Name)
		}
		return next(nil)
	})
	for _, f := range app.Model.Flags {
		use("--"+f.Name, "cli.flag."+f.Name)
	}
	var code strings.Builder
	files, _ := filepath.Glob("*.go")
	ofTemplates, _ := filepath.Glob("../../people/paper/*.go") // whose reasons are said as "template-" and the reason
	for _, name := range append(files, ofTemplates...) {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(raw)
	}
	for name, sentence := range left {
		short := regexp.MustCompile(`^cli\.(wrong\.)?`).ReplaceAllString(name, "")
		short = strings.TrimPrefix(short, "template-")
		if sentence != "" && !strings.Contains(code.String(), `"`+short+`"`) && !strings.Contains(code.String(), `"`+name+`"`) && !strings.HasPrefix(name, "cli.start.plain") {
			t.Errorf("nobody says %s", name)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct {
		language, args string
		has            []string
	}{
		{"C", "", []string{"Usage: linli <command> [flags]", "account create", "--lang=\"auto\"", "linli help demo"}},
		{"C", "help demo", []string{"Usage: linli demo --data=DIR [flags]", "--cameras=4", "($LINLI_CAMERAS)"}},
		{"C", "demo --help", []string{"Usage: linli demo"}},
		{"zh_CN.UTF-8", "help demo", []string{"用法： linli demo --data=DIR [选项]", "模拟摄像机的路数", "各命令共用的选项"}},
		{"zh_CN.UTF-8", "help", []string{"用法： linli <命令> [选项]", "重设账号的初始密码"}},
		{"zh_CN.UTF-8", "help --lang en camsim", []string{"Usage: linli camsim", "--sound=FILE"}},
		{"C", "help account", []string{"account unlock", "linli account <command>"}},
		{"C", "help account create", []string{"linli account create --data=DIR <name>", "What is typed at sign-in."}},
		{"C", "help bulletin", []string{"--demo|--data=DIR"}},
	} {
		code, out, bad := typed(t, c.language, strings.Fields(c.args)...)
		if code != 0 || bad != "" {
			t.Errorf("%q: %d %s", c.args, code, bad)
		}
		for _, want := range c.has {
			if !strings.Contains(out, want) {
				t.Errorf("%q lacks %q:\n%s", c.args, want, out)
			}
		}
		for _, line := range strings.Split(out, "\n") {
			n := 0
			for _, r := range line {
				n += columnsOf(r)
			}
			if n > 100 || strings.HasSuffix(line, " ") {
				t.Errorf("%q: %d columns: %q", c.args, n, line)
			}
		}
	}
}

// Each mistake is said in both languages; the parser's English shines through in none.
func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	unknown := filepath.Join(dir, "unknown.yaml")
	if err := os.WriteFile(unknown, []byte("lissten: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, zh, en string }{
		{"serve", "缺少选项：--data=DIR", "These flags are missing: --data=DIR"},
		{"srv", "没有 srv", "There is no srv; did you mean"},
		{"help nonsense", "多余的内容", "has no meaning"},
		{"serve --data x more", "多余的内容：more", "has no meaning here: more"},
		{"serve --data x --lissten y", "没有 --lissten", "There is no flag --lissten; did you mean"},
		{"serve --data x --qqqqqqq", "没有 --qqqqqqq 这个选项", "There is no flag --qqqqqqq"},
		{"account", "还须写明", "has to follow"},
		{"account lock --data x", "还须写明", "has to follow"},
		{"serve --data x --tls foo", "--tls 只能是", "--tls is one of"},
		{"bulletin --demo --data x", "不能同时使用", "do not go together"},
		{"token create --data x --name y --can z --lasts soon", "不是时长", "is not a duration"},
		{"demo --data x --cameras many", "不是整数", "is not a whole number"},
		{"camsim --clip /none.mp4", "没有文件 /none.mp4", "there is no file /none.mp4"},
		{"version --config /none.yaml", "读不了配置文件", "cannot be read"},
		{"serve --data x --config " + unknown, "不是任何选项的名称", "no flag is called lissten"},
		{"fsck --data /none", "没有数据目录", "There is no data folder"},
		{"serve --data x --tls acme", "--public-url", "needs --public-url"},
		{"serve --data x --acme-email a@b", "一同使用", "go with --tls acme"},
		{"serve --data x --sync-every 1ns", "--sync-every", "neither a duration"},
		{"serve --data x --disk /a=much", "限额", "nor DIR=QUOTA"},
		{"serve --data x --as-of 2017-13-45", "不是", "“2017-13-45” is not a day"},
		{"bulletin --demo --date 2017-13-45", "不是", "“2017-13-45” is not a day"},
		{"bulletin --data x --known yesterday", "不是 2017-10-01", "is not an instant"},
	} {
		for language, want := range map[string]string{"zh_CN.UTF-8": c.zh, "C": c.en} {
			code, _, bad := typed(t, language, strings.Fields(c.args)...)
			lines := strings.Split(strings.TrimSpace(bad), "\n")
			if code == 0 || !strings.Contains(lines[0], want) {
				t.Errorf("%s: %d %s", c.args, code, bad)
			}
			if len(lines) > 2 || strings.Contains(bad, "cli.") || strings.Contains(bad, "place.") {
				t.Errorf("%s says what only its makers understand: %s", c.args, bad)
			}
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a mistake made a data folder")
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		want string
	}{
		{"one two three", 8, "one two|three"},
		{"录像多久强制写盘一次", 8, "录像多久|强制写盘|一次"},
		{"录像多久，强制写盘", 8, "录像多|久，强制|写盘"},
		{"a-word-longer-than-the-line it is", 8, "a-word-longer-than-the-line|it is"},
		{"", 8, ""},
	} {
		if got := strings.Join(wrap(c.text, c.at), "|"); got != c.want {
			t.Errorf("%q", got)
		}
	}
}
