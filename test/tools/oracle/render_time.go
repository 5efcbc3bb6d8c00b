// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"syscall"
	"time"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
)

// spent is what a piece of work took, in milliseconds: of the clock, and of the processor (all threads, so the collector too).
type spent struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
}

// renderTime is what loading a chart and one rendering took: the median of the rounds, each column by itself.
type renderTime struct {
	ID   string `json:"id"`
	Load spent  `json:"load"`
	Warm spent  `json:"warm"`
	Cold spent  `json:"cold"`
}

// printRenderTimes renders cases of a corpus folder (all, if none is named), each some rounds: dependencies, values, templates and
// sorting of a chart that is loaded.
func printRenderTimes(out io.Writer, folder string, rounds int, ids []string) error {
	text, err := os.ReadFile(filepath.Join(folder, "cases.json"))
	if err != nil {
		return err
	}
	var cases []struct{ ID, Chart string }
	if err := json.Unmarshal(text, &cases); err != nil {
		return err
	}
	time.Local = time.UTC
	log.SetOutput(io.Discard)
	encoder := json.NewEncoder(out)
	for _, row := range cases {
		if len(ids) > 0 && !slices.Contains(ids, row.ID) {
			continue
		}
		times, err := timeOne(folder, row.ID, row.Chart, rounds)
		if err != nil {
			return err
		}
		if err := encoder.Encode(times); err != nil {
			return err
		}
	}
	return nil
}

func timeOne(folder, id, name string, rounds int) (renderTime, error) {
	none := renderTime{}
	archive, err := os.ReadFile(filepath.Join(folder, "charts", name))
	if err != nil {
		return none, err
	}
	values, err := os.ReadFile(filepath.Join(folder, "golden", id, "values.yaml"))
	if err != nil && !os.IsNotExist(err) {
		return none, err
	}
	var loads, renders, both []spent
	for range rounds {
		begun := now()
		loaded, err := loader.LoadArchive(bytes.NewReader(archive))
		if err != nil {
			return none, err
		}
		started := now()
		user, err := chartutil.ReadValues(values)
		if err == nil {
			// A chart that Helm refuses counts, too.
			_, _ = install(loaded, user, renderRequest{})
		}
		ended := now()
		loads = append(loads, started.since(begun))
		renders = append(renders, ended.since(started))
		both = append(both, ended.since(begun))
	}
	return renderTime{ID: id, Load: median(loads), Warm: median(renders), Cold: median(both)}, nil
}

// now is the clock and the processor time of this process.
func now() spent {
	usage := syscall.Rusage{}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	return spent{Wall: float64(time.Since(begin).Nanoseconds()) / 1e6, CPU: float64(cpu.Nanoseconds()) / 1e6}
}

var begin = time.Now()

func (s spent) since(earlier spent) spent {
	return spent{Wall: s.Wall - earlier.Wall, CPU: s.CPU - earlier.CPU}
}

func median(samples []spent) spent {
	return spent{
		Wall: middle(samples, func(s spent) float64 { return s.Wall }),
		CPU:  middle(samples, func(s spent) float64 { return s.CPU }),
	}
}

func middle(samples []spent, pick func(spent) float64) float64 {
	column := make([]float64, 0, len(samples))
	for _, sample := range samples {
		column = append(column, pick(sample))
	}
	sort.Float64s(column)
	return column[len(column)/2]
}
