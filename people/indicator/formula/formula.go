// Package formula reads and computes the formulas of indicators: + - * / ( ), numbers and names. Nothing else.
package formula

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Error is what is wrong with a formula, and where.
type Error struct {
	At   int    // the character, from 1
	Code string // "formula.…"
	Word string // what stands there
}

func (e *Error) Error() string { return fmt.Sprintf("%s at %d: %q", e.Code, e.At, e.Word) }

// ErrNoValue says that a formula has no value for these numbers: something is
// divided by nothing.
var ErrNoValue = errors.New("no value")

// Formula is a formula that was read. Make it with Parse.
type Formula struct {
	root  node
	names []string
}

// Names that the formula asks for, each once.
func (f *Formula) Names() []string { return slices.Clone(f.names) }

// Value computes the formula.
func (f *Formula) Value(of func(name string) float64) (float64, error) {
	v := f.root.value(of)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, ErrNoValue
	}
	return v, nil
}

type node interface {
	value(of func(string) float64) float64
}

type (
	number float64
	name   string
	minus  struct{ x node }
	binary struct {
		op   rune
		a, b node
	}
)

func (n number) value(func(string) float64) float64  { return float64(n) }
func (n name) value(of func(string) float64) float64 { return of(string(n)) }
func (m minus) value(of func(string) float64) float64 {
	return -m.x.value(of)
}

func (b binary) value(of func(string) float64) float64 {
	x, y := b.a.value(of), b.b.value(of)
	switch b.op {
	case '+':
		return x + y
	case '-':
		return x - y
	case '*':
		return x * y
	}
	if y == 0 {
		return math.NaN()
	}
	return x / y
}

const (
	longest = 300 // characters
	deepest = 30  // brackets and signs within one another
)

// Parse reads a formula whose names are all known.
func Parse(text string, known func(name string) bool) (*Formula, error) {
	p := &parser{text: []rune(text), known: known}
	if len(p.text) > longest {
		return nil, p.bad(longest, "formula.long")
	}
	root, err := p.sum(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, p.bad(p.at, "formula.unexpected")
	}
	return &Formula{root, p.names}, nil
}

type parser struct {
	text  []rune
	at    int
	known func(string) bool
	names []string
}

func (p *parser) bad(at int, code string) error {
	word := ""
	if at < len(p.text) {
		end := at + 1
		for letter(p.text[at]) && end < len(p.text) && letter(p.text[end]) && end-at < 40 {
			end++
		}
		word = string(p.text[at:end])
	}
	return &Error{at + 1, code, word}
}

func letter(r rune) bool { return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func digit(r rune) bool  { return r >= '0' && r <= '9' }

func (p *parser) skip() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

// peek is the next character that is no space; 0 at the end.
func (p *parser) peek() rune {
	if p.skip(); p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) sum(depth int) (node, error)     { return p.chain(depth, '+', '-', p.product) }
func (p *parser) product(depth int) (node, error) { return p.chain(depth, '*', '/', p.factor) }

// chain reads operands joined by either of two operators, from the left.
func (p *parser) chain(depth int, one, other rune, operand func(int) (node, error)) (node, error) {
	a, err := operand(depth)
	for err == nil {
		op := p.peek()
		if op != one && op != other {
			return a, nil
		}
		p.at++
		var b node
		b, err = operand(depth)
		a = binary{op, a, b}
	}
	return nil, err
}

func (p *parser) factor(depth int) (node, error) {
	r := p.peek()
	begin := p.at
	switch {
	case depth > deepest:
		return nil, p.bad(begin, "formula.deep")
	case r == 0:
		return nil, p.bad(begin, "formula.end")
	case r == '-':
		p.at++
		x, err := p.factor(depth + 1)
		return minus{x}, err
	case r == '(':
		p.at++
		x, err := p.sum(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.peek() != ')' {
			return nil, p.bad(p.at, "formula.bracket")
		}
		p.at++
		return x, nil
	case digit(r):
		for p.at < len(p.text) && (digit(p.text[p.at]) || p.text[p.at] == '.') {
			p.at++
		}
		n, err := strconv.ParseFloat(string(p.text[begin:p.at]), 64)
		if err != nil {
			return nil, p.bad(begin, "formula.number")
		}
		return number(n), nil
	case letter(r):
		for p.at < len(p.text) && (letter(p.text[p.at]) || digit(p.text[p.at])) {
			p.at++
		}
		word := string(p.text[begin:p.at])
		if !p.known(word) {
			return nil, &Error{begin + 1, "formula.name", word}
		}
		if !slices.Contains(p.names, word) {
			p.names = append(p.names, word)
		}
		return name(word), nil
	}
	return nil, p.bad(begin, "formula.unexpected")
}
