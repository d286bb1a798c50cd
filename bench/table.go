package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	tableBegin = "<!-- figures: written by `make bench` -->\n"
	tableEnd   = "<!-- end of figures -->"
)

func (r row) String() string {
	if r.unit == "" {
		return r.note
	}
	s := r.measured() + " " + r.unit
	if r.floor > 0 {
		s += fmt.Sprintf(", %.2f × the floor of %s", r.value/r.floor, figure(r.floor))
	}
	if note := r.said(); note != "" {
		s += " (" + note + ")"
	}
	return s
}

// said is the note, and what was dropped.
func (r row) said() string {
	if r.dropped == 0 {
		return r.note
	}
	return strings.TrimSuffix(fmt.Sprintf("**%d frames dropped by send buffers**; %s", r.dropped, r.note), "; ")
}

// reached says how a figure stands against what was wanted.
func (r row) reached() string {
	better := func(want float64) bool {
		if r.more {
			return r.value >= want
		}
		return r.value <= want
	}
	switch {
	case r.unit == "" || r.goal == 0:
		return ""
	case r.dropped > 0:
		return "short"
	case r.moonshot != 0 && better(r.moonshot):
		return "moonshot"
	case better(r.goal):
		return "goal"
	}
	return "short"
}

func (r row) measured() string {
	if r.value == 0 && r.unit != "" {
		return "0"
	}
	return figure(r.value)
}

func figure(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// write puts the table between its marks and leaves the words around it as they are. only: these rows go to their places in the
// table that is there, and say so.
func write(file string, rows []row, o options, only string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(raw), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s: the marks of the table are missing", file)
	}
	if only != "" {
		if each := fmt.Sprintf("%s a job", o.span); !strings.Contains(old, "; "+each+".") { // not as long as the rest of the table
			for i := range rows {
				rows[i].note = strings.TrimPrefix(rows[i].note+"; "+each, "; ")
			}
		}
		return os.WriteFile(file, []byte(before+tableBegin+placed(old, rows, only)+tableEnd+after), 0o644)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Measured %s on %s, %d cores, %s; commit %s; %s a job.\n\n", time.Now().Format("2006-01-02"),
		machine(), runtime.NumCPU(), runtime.Version(), commit(), o.span)
	b.WriteString("| job | measured | unit | floor | ratio | goal | moonshot | reached | note |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		b.WriteString(r.line())
	}
	b.WriteString("\n")
	return os.WriteFile(file, []byte(before+tableBegin+b.String()+tableEnd+after), 0o644)
}

func (r row) line() string {
	ratio := "–"
	if r.floor > 0 {
		ratio = fmt.Sprintf("%.2f", r.value/r.floor)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.job, r.measured(), r.unit, figure(r.floor), ratio,
		figure(r.goal), figure(r.moonshot), r.reached(), r.said())
}

// placed puts rows into the lines of an old table: over the line of the same name, over that of a job which failed, else at the end.
func placed(old string, rows []row, only string) string {
	rows = slices.Clone(rows)
	var b strings.Builder
	for line := range strings.Lines(old) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		failed := strings.Contains(line, "| failed:") && strings.Contains(name, only)
		same := func(r row) bool { return r.job == name || failed }
		if failed || slices.ContainsFunc(rows, same) {
			for _, r := range rows {
				if same(r) {
					b.WriteString(r.line())
				}
			}
			rows = slices.DeleteFunc(rows, same)
			continue
		}
		if strings.TrimSpace(line) == "" && strings.Contains(b.String(), "|") {
			for _, r := range rows {
				b.WriteString(r.line())
			}
			rows = nil
		}
		b.WriteString(line)
	}
	return b.String()
}
