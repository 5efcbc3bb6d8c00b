// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"
)

// templateCase is one row: templates are parsed in the order given, then main is executed.
type templateCase struct {
	Templates  [][2]string     `json:"templates"`
	Main       string          `json:"main"`
	Data       json.RawMessage `json:"data"`
	MissingKey string          `json:"missingkey"`
}

type templateAnswer struct {
	Out *string `json:"out,omitempty"`
	Err *string `json:"err,omitempty"`
}

// runTemplate answers one row with what text/template writes or says.
func runTemplate(row templateCase) (answer templateAnswer) {
	fail := func(text string) templateAnswer { return templateAnswer{Err: &text} }
	defer func() {
		if r := recover(); r != nil {
			answer = fail(fmt.Sprintf("panic: %v", r))
		}
	}()
	var data any
	if len(row.Data) > 0 {
		if err := json.Unmarshal(row.Data, &data); err != nil {
			return fail("oracle: " + err.Error())
		}
	}
	root := template.New("root")
	root.Funcs(templateFunctions(root))
	if row.MissingKey != "" {
		root.Option("missingkey=" + row.MissingKey)
	}
	for _, pair := range row.Templates {
		if _, err := root.New(pair[0]).Parse(pair[1]); err != nil {
			return fail(err.Error())
		}
	}
	var out bytes.Buffer
	if err := root.ExecuteTemplate(&out, row.Main, data); err != nil {
		return fail(err.Error())
	}
	text := out.String()
	return templateAnswer{Out: &text}
}

type inner struct {
	Depth int
	Label string
}

type base struct {
	ID string
}

// Describe is promoted to the structs that embed base.
func (b base) Describe() string { return "base " + b.ID }

type point struct {
	base
	X, Y   int
	Name   string
	Any    any
	Inner  *inner
	Plain  inner
	Tags   []string
	Attrs  map[string]string
	hidden int
}

func (p point) Sum() int                     { return p.X + p.Y }
func (p point) Add(n int) int                { return p.X + p.Y + n }
func (p point) Greet(names ...string) string { return p.Name + " greets " + strings.Join(names, "+") }
func (p point) Fail() (string, error)        { return "", errors.New("point failed") }
func (p *point) Pointer() string             { return "via pointer " + p.Name }
func (p point) Self() point                  { return p }
func (p point) Boxed() any                   { return map[string]any{"k": 1} }

type version struct{ Major int }

// String has a pointer receiver: only addressable versions print with it.
func (v *version) String() string { return fmt.Sprintf("v%d", v.Major) }

type holder struct {
	Version version
	Ptr     *version
}

type values map[string]any

// Table shadows a key of that name.
func (v values) Table(name string) (values, error) {
	if t, ok := v[name].(map[string]any); ok {
		return t, nil
	}
	return nil, fmt.Errorf("%q is not a table", name)
}

func (v values) AsMap() map[string]any { return v }

type span int64

func (s span) String() string { return fmt.Sprintf("%dns", int64(s)) }

type label string

func samplePoint() point {
	return point{base: base{ID: "b1"}, X: 3, Y: 4, Name: "pt", Any: "any", Inner: &inner{2, "in"}, Plain: inner{1, "pl"},
		Tags: []string{"t1", "t2"}, Attrs: map[string]string{"z": "26", "a": "1"}}
}

// templateFunctions has one function for each kind of parameter and result; test/conformance/template-functions.ts is its twin.
func templateFunctions(root *template.Template) template.FuncMap {
	return template.FuncMap{
		"upper":   strings.ToUpper,
		"addi":    func(a, b int) int { return a + b },
		"i64":     func(n int64) int64 { return n },
		"u8":      func(n uint8) uint8 { return n },
		"u64":     func(n uint64) uint64 { return n },
		"f64":     func(n float64) float64 { return n },
		"b":       func(b bool) bool { return b },
		"anyOf":   func(v any) any { return v },
		"joinAll": func(sep string, xs ...string) string { return strings.Join(xs, sep) },
		"sum": func(xs ...int) (n int) {
			for _, x := range xs {
				n += x
			}
			return n
		},
		"countAny": func(xs ...any) int { return len(xs) },
		"pair":     func(a string, rest ...any) string { return fmt.Sprint(a, len(rest)) },
		"fails":    func(msg string) (string, error) { return "", errors.New(msg) },
		"panics":   func(msg string) string { panic(msg) },
		"listLen":  func(xs []any) int { return len(xs) },
		"mapLen":   func(m map[string]any) int { return len(m) },
		"list":     func(xs ...any) []any { return xs },
		"dict": func(xs ...any) map[string]any {
			m := map[string]any{}
			for i := 0; i+1 < len(xs); i += 2 {
				m[fmt.Sprint(xs[i])] = xs[i+1]
			}
			return m
		},
		"nilAny":   func() any { return nil },
		"nilMap":   func() map[string]any { return nil },
		"nilList":  func() []any { return nil },
		"strs":     func(xs ...string) []string { return xs },
		"bytes":    func(s string) []byte { return []byte(s) },
		"smap":     func() map[string]string { return map[string]string{"b": "2", "a": "1"} },
		"pt":       samplePoint,
		"ptPtr":    func() *point { p := samplePoint(); return &p },
		"nilPt":    func() *point { return nil },
		"held":     func() *holder { return &holder{version{7}, &version{8}} },
		"heldCopy": func() holder { return holder{version{7}, &version{8}} },
		"vals":     func(m map[string]any) values { return m },
		"valsLen":  func(v values) int { return len(v) },
		"takePt":   func(p point) string { return p.Name },
		"takePtr": func(p *point) string {
			if p == nil {
				return "nil"
			}
			return p.Name
		},
		"takeErr": func(e error) string { return fmt.Sprint(e) },
		"span":    func(n int64) span { return span(n) },
		"label":   func(s string) label { return label(s) },
		"typeOf":  func(v any) string { return fmt.Sprintf("%T", v) },
		"fn":      func() func(int, string) string { return func(n int, s string) string { return strings.Repeat(s, n) } },
		"until": func(n int) []int {
			xs := make([]int, n)
			for i := range xs {
				xs[i] = i
			}
			return xs
		},
		"include": func(name string, data any) (string, error) {
			var out strings.Builder
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
	}
}

// templateTiming is the median time of one parse and of one execution, in nanoseconds.
type templateTiming struct {
	ParseNs   int64 `json:"parseNs"`
	ExecuteNs int64 `json:"executeNs"`
}

// timeTemplate repeats a row for about the time given, for each of the two.
func timeTemplate(row templateCase, budget time.Duration) (templateTiming, error) {
	var data any
	if err := json.Unmarshal(row.Data, &data); err != nil {
		return templateTiming{}, err
	}
	parse := func() (*template.Template, error) {
		root := template.New("root")
		root.Funcs(templateFunctions(root))
		for _, pair := range row.Templates {
			if _, err := root.New(pair[0]).Parse(pair[1]); err != nil {
				return nil, err
			}
		}
		return root, nil
	}
	root, err := parse()
	if err != nil {
		return templateTiming{}, err
	}
	parseNs, err := medianNs(budget, func() error { _, err := parse(); return err })
	if err != nil {
		return templateTiming{}, err
	}
	executeNs, err := medianNs(budget, func() error {
		var out bytes.Buffer
		return root.ExecuteTemplate(&out, row.Main, data)
	})
	return templateTiming{parseNs, executeNs}, err
}

func medianNs(budget time.Duration, work func() error) (int64, error) {
	var samples []int64
	start := time.Now()
	for time.Since(start) < budget {
		from := time.Now()
		if err := work(); err != nil {
			return 0, err
		}
		samples = append(samples, time.Since(from).Nanoseconds())
	}
	slices.Sort(samples)
	return samples[len(samples)/2], nil
}
