// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gobwas/glob"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/ignore"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	"helm.sh/helm/v3/pkg/strvals"
)

// renderRequest is one row of topic "render"; op says what is asked.
type renderRequest struct {
	// Op is render, load, set, ignore or glob.
	Op string `json:"op"`
	// Files are a chart's: path to text. Archive is a .tgz in base64, instead.
	Files   map[string]string `json:"files"`
	Archive []byte            `json:"archive"`
	// Values is YAML; Set are pairs of mode (typed, string, json, literal, file) and line.
	Values string      `json:"values"`
	Set    [][2]string `json:"set"`
	// Upgrade renders as upgrade to revision 2.
	Upgrade bool `json:"upgrade"`
	// SubNotes renders the notes of subcharts, too.
	SubNotes bool `json:"subNotes"`
	// Rules is a .helmignore (Paths with a / at the end are directories) or a pattern of .Files.Glob.
	Rules string   `json:"rules"`
	Paths []string `json:"paths"`
}

type renderHook struct {
	Path, Kind, Name, Manifest string
	Weight                     int
	Events, DeletePolicies     []string
	OutputLogPolicies          []string
}

type renderAnswer struct {
	Manifest string       `json:"manifest,omitempty"`
	Hooks    []renderHook `json:"hooks,omitempty"`
	Notes    string       `json:"notes,omitempty"`
	// Chart is the chart's JSON in the release record, Values what the templates saw, as JSON.
	Chart   json.RawMessage `json:"chart,omitempty"`
	Values  json.RawMessage `json:"values,omitempty"`
	Typed   any             `json:"typed,omitempty"`
	Ignored []bool          `json:"ignored,omitempty"`
	Log     []string        `json:"log,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// serveRender reads a request from every line and writes its answer, in order.
func serveRender(in io.Reader, out io.Writer) error {
	time.Local = time.UTC
	return serveRows(in, out, func(request renderRequest) (any, error) { return answerRender(request), nil })
}

func answerRender(request renderRequest) (answer renderAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer = renderAnswer{Error: fmt.Sprintf("panic: %v", r)}
		}
	}()
	var heard bytes.Buffer
	log.SetFlags(0)
	log.SetOutput(&heard)
	var err error
	switch request.Op {
	case "set":
		answer, err = answerSet(request)
	case "ignore":
		answer, err = answerIgnore(request)
	case "glob":
		answer, err = answerGlob(request)
	case "load":
		answer, err = answerLoad(request)
	default:
		answer, err = answerChart(request)
	}
	if err != nil {
		answer = renderAnswer{Error: err.Error()}
	}
	if heard.Len() > 0 {
		answer.Log = strings.Split(strings.TrimSuffix(heard.String(), "\n"), "\n")
		sort.Strings(answer.Log)
		answer.Log = slices.Compact(answer.Log)
	}
	return answer
}

func requestedChart(request renderRequest) (*chart.Chart, error) {
	if len(request.Archive) > 0 {
		return loader.LoadArchive(bytes.NewReader(request.Archive))
	}
	var files []*loader.BufferedFile
	for name, text := range request.Files {
		files = append(files, &loader.BufferedFile{Name: name, Data: []byte(text)})
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	loaded, err := loader.LoadFiles(files)
	if err == nil {
		sortCharts(loaded)
	}
	return loaded, err
}

// sortCharts orders subcharts by name, since Helm loads them in the order of a Go map.
func sortCharts(c *chart.Chart) {
	children := append([]*chart.Chart(nil), c.Dependencies()...)
	sort.SliceStable(children, func(i, j int) bool { return children[i].Name() < children[j].Name() })
	c.SetDependencies(children...)
	for _, child := range children {
		sortCharts(child)
	}
}

func requestedValues(request renderRequest) (map[string]any, error) {
	values, err := chartutil.ReadValues([]byte(request.Values))
	if err != nil {
		return nil, err
	}
	for _, pair := range request.Set {
		if err := setLine(pair[0], pair[1], values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func setLine(mode, line string, into map[string]any) error {
	switch mode {
	case "string":
		return strvals.ParseIntoString(line, into)
	case "json":
		return strvals.ParseJSON(line, into)
	case "literal":
		return strvals.ParseLiteralInto(line, into)
	case "file":
		return strvals.ParseIntoFile(line, into, func(path []rune) (any, error) {
			return "content of " + string(path), nil
		})
	}
	return strvals.ParseInto(line, into)
}

func answerSet(request renderRequest) (renderAnswer, error) {
	values, err := requestedValues(request)
	if err != nil {
		return renderAnswer{}, err
	}
	return renderAnswer{Typed: typedValue(values)}, nil
}

// typedValue keeps what JSON loses: whether a number is an int64.
func typedValue(value any) any {
	switch v := value.(type) {
	case int64:
		return map[string]string{"int64": strconv.FormatInt(v, 10)}
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[key] = typedValue(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = typedValue(inner)
		}
		return out
	}
	return value
}

type ignoreInfo struct {
	os.FileInfo
	isDir bool
}

func (i ignoreInfo) IsDir() bool { return i.isDir }

func answerIgnore(request renderRequest) (renderAnswer, error) {
	rules, err := ignore.Parse(strings.NewReader(request.Rules))
	if err != nil {
		return renderAnswer{}, err
	}
	rules.AddDefaults()
	var ignored []bool
	for _, path := range request.Paths {
		info := ignoreInfo{isDir: strings.HasSuffix(path, "/")}
		ignored = append(ignored, rules.Ignore(strings.TrimSuffix(path, "/"), info))
	}
	return renderAnswer{Ignored: ignored}, nil
}

func answerGlob(request renderRequest) (renderAnswer, error) {
	compiled, err := glob.Compile(request.Rules, '/')
	if err != nil {
		return renderAnswer{}, errors.New("unreadable")
	}
	var matched []bool
	for _, path := range request.Paths {
		matched = append(matched, compiled.Match(path))
	}
	return renderAnswer{Ignored: matched}, nil
}

func answerLoad(request renderRequest) (renderAnswer, error) {
	loaded, err := requestedChart(request)
	if err != nil {
		return renderAnswer{}, err
	}
	text, err := json.Marshal(loaded)
	return renderAnswer{Chart: text}, err
}

func renderCapabilities() *chartutil.Capabilities {
	caps := *chartutil.DefaultCapabilities
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.31.0", Major: "1", Minor: "31"}
	return &caps
}

func answerChart(request renderRequest) (renderAnswer, error) {
	loaded, err := requestedChart(request)
	if err != nil {
		return renderAnswer{}, err
	}
	values, err := requestedValues(request)
	if err != nil {
		return renderAnswer{}, err
	}
	made, err := install(loaded, values, request)
	if err != nil {
		return renderAnswer{}, err
	}
	// Values are what the templates saw before they ran; dependencies are worked out by now.
	seen, err := chartutil.CoalesceValues(loaded, values)
	if err != nil {
		return renderAnswer{}, err
	}
	answer := renderAnswer{Manifest: made.Manifest, Notes: made.Info.Notes, Hooks: renderHooks(made.Hooks)}
	if answer.Chart, err = json.Marshal(made.Chart); err != nil {
		return answer, err
	}
	answer.Values, err = json.Marshal(seen)
	return answer, err
}

func install(loaded *chart.Chart, values map[string]any, request renderRequest) (*release.Release, error) {
	caps := renderCapabilities()
	installer := action.NewInstall(&action.Configuration{
		Releases:     storage.Init(driver.NewMemory()),
		Capabilities: caps,
		Log:          func(string, ...any) {},
	})
	installer.ReleaseName = "demo"
	installer.Namespace = "apps"
	installer.ClientOnly = true
	installer.DryRun = true
	installer.Replace = true
	installer.KubeVersion = &caps.KubeVersion
	installer.SubNotes = request.SubNotes
	installer.IsUpgrade = request.Upgrade
	return installer.Run(loaded, values)
}

func renderHooks(hooks []*release.Hook) []renderHook {
	var out []renderHook
	for _, hook := range hooks {
		row := renderHook{Path: hook.Path, Kind: hook.Kind, Name: hook.Name, Manifest: hook.Manifest, Weight: hook.Weight}
		for _, event := range hook.Events {
			row.Events = append(row.Events, event.String())
		}
		for _, policy := range hook.DeletePolicies {
			row.DeletePolicies = append(row.DeletePolicies, policy.String())
		}
		for _, policy := range hook.OutputLogPolicies {
			row.OutputLogPolicies = append(row.OutputLogPolicies, policy.String())
		}
		out = append(out, row)
	}
	return out
}
