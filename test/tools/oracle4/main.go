// SPDX-License-Identifier: Apache-2.0

// What Helm 4 answers where it differs: `oracle4 render`, `oracle4 post-render` and `oracle4 kstatus`, a question on each line;
// `oracle4 capabilities` prints what charts see of a cluster where none is asked.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"sort"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/postrenderer"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage"
	"helm.sh/helm/v4/pkg/storage/driver"
	"helm.sh/helm/v4/pkg/strvals"
)

type request struct {
	Files    map[string]string `json:"files"`
	Archive  []byte            `json:"archive"`
	Values   string            `json:"values"`
	Set      [][2]string       `json:"set"`
	Upgrade  bool              `json:"upgrade"`
	SubNotes bool              `json:"subNotes"`
}

type hook struct {
	Path, Kind, Name, Manifest string
	Weight                     int
	Events, DeletePolicies     []string
	OutputLogPolicies          []string
}

type answer struct {
	Manifest string          `json:"manifest,omitempty"`
	Hooks    []hook          `json:"hooks,omitempty"`
	Notes    string          `json:"notes,omitempty"`
	Chart    json.RawMessage `json:"chart,omitempty"`
	Values   json.RawMessage `json:"values,omitempty"`
	Error    string          `json:"error,omitempty"`
}

func main() {
	time.Local = time.UTC
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	var err error
	switch topic := append(os.Args, "")[1]; topic {
	case "render":
		err = serve(func(row request) (any, error) { return answerRow(row), nil })
	case "post-render":
		err = serve(func(row postRenderCase) (any, error) { return postRender(row), nil })
	case "kstatus":
		err = serve(func(row kstatusCase) (any, error) { return askKstatus(row) })
	case "capabilities":
		err = json.NewEncoder(os.Stdout).Encode(common.DefaultCapabilities)
	default:
		err = fmt.Errorf("no such topic: %q", topic)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve reads a JSON row from every line and writes its answer, in order.
func serve[Row any](answer func(Row) (any, error)) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<28)
	encoder := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var row Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return err
		}
		answered, err := answer(row)
		if err != nil {
			return err
		}
		if err := encoder.Encode(answered); err != nil {
			return err
		}
	}
	return lines.Err()
}

func answerRow(row request) (out answer) {
	defer func() {
		if r := recover(); r != nil {
			out = answer{Error: fmt.Sprintf("panic: %v", r)}
		}
	}()
	out, err := render(row)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return out
}

func render(row request) (answer, error) {
	loaded, err := load(row)
	if err != nil {
		return answer{}, err
	}
	sortCharts(loaded)
	values, err := userValues(row)
	if err != nil {
		return answer{}, err
	}
	made, err := install(loaded, values, row, nil)
	if err != nil {
		return answer{}, err
	}
	seen, err := util.CoalesceValues(loaded, values)
	if err != nil {
		return answer{}, err
	}
	out := answer{Manifest: made.Manifest, Notes: made.Info.Notes}
	out.Hooks = hooksOf(made)
	// Without the times of files.
	stored := map[string]any{"metadata": made.Chart.Metadata, "values": made.Chart.Values}
	if out.Chart, err = json.Marshal(stored); err != nil {
		return out, err
	}
	out.Values, err = json.Marshal(seen)
	return out, err
}

func hooksOf(made *release.Release) (hooks []hook) {
	for _, h := range made.Hooks {
		printed := hook{Path: h.Path, Kind: h.Kind, Name: h.Name, Manifest: h.Manifest, Weight: h.Weight}
		for _, event := range h.Events {
			printed.Events = append(printed.Events, event.String())
		}
		for _, policy := range h.DeletePolicies {
			printed.DeletePolicies = append(printed.DeletePolicies, policy.String())
		}
		for _, policy := range h.OutputLogPolicies {
			printed.OutputLogPolicies = append(printed.OutputLogPolicies, policy.String())
		}
		hooks = append(hooks, printed)
	}
	return hooks
}

func load(row request) (*chart.Chart, error) {
	if len(row.Archive) > 0 {
		return loader.LoadArchive(bytes.NewReader(row.Archive))
	}
	var files []*archive.BufferedFile
	for name, text := range row.Files {
		files = append(files, &archive.BufferedFile{Name: name, Data: []byte(text)})
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return loader.LoadFiles(files)
}

func userValues(row request) (map[string]any, error) {
	values, err := common.ReadValues([]byte(row.Values))
	if err != nil {
		return nil, err
	}
	for _, pair := range row.Set {
		if err := strvals.ParseInto(pair[1], values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func sortCharts(c *chart.Chart) {
	children := append([]*chart.Chart(nil), c.Dependencies()...)
	sort.SliceStable(children, func(i, j int) bool { return children[i].Name() < children[j].Name() })
	c.SetDependencies(children...)
	for _, child := range children {
		sortCharts(child)
	}
}

// Between the templates and the release, where it is set.
type postRendering struct {
	renderer postrenderer.PostRenderer
	strategy action.PostRenderStrategy
}

func install(loaded *chart.Chart, values map[string]any, row request, post *postRendering) (*release.Release, error) {
	caps := common.DefaultCapabilities.Copy()
	config := action.NewConfiguration()
	config.SetLogger(slog.DiscardHandler)
	config.Releases = storage.Init(driver.NewMemory())
	config.Capabilities = caps
	installer := action.NewInstall(config)
	installer.ReleaseName = "demo"
	installer.Namespace = "apps"
	installer.DryRunStrategy = action.DryRunClient
	installer.Replace = true
	version, err := common.ParseKubeVersion("v1.31.0")
	if err != nil {
		return nil, err
	}
	installer.KubeVersion = version
	installer.SubNotes = row.SubNotes
	installer.IsUpgrade = row.Upgrade
	if post != nil {
		installer.PostRenderer = post.renderer
		installer.PostRenderStrategy = post.strategy
	}
	made, err := installer.Run(loaded, values)
	if err != nil {
		return nil, err
	}
	return made.(*release.Release), nil
}
