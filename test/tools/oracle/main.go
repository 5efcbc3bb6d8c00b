// SPDX-License-Identifier: Apache-2.0

// The oracle: what Go's libraries and Helm answer, for our tests to compare with. `oracle TOPIC`: see topics.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// topic reads questions, one on each line where it asks any, and writes answers.
type topic func(in io.Reader, out io.Writer, arguments []string) error

var topics = map[string]topic{
	"text": func(in io.Reader, out io.Writer, _ []string) error { return serveText(in, out) },
	"template": func(in io.Reader, out io.Writer, _ []string) error {
		return serveRows(in, out, func(row templateCase) (any, error) { return runTemplate(row), nil })
	},
	"template-time": func(in io.Reader, out io.Writer, _ []string) error {
		return serveRows(in, out, func(row templateCase) (any, error) { return timeTemplate(row, 500*time.Millisecond) })
	},
	"functions": func(in io.Reader, out io.Writer, _ []string) error {
		table := functionTable()
		return serveRows(in, out, func(row functionCase) (any, error) { return runFunction(table, row), nil })
	},
	"function-signatures": func(_ io.Reader, out io.Writer, _ []string) error {
		return json.NewEncoder(out).Encode(functionSignatures())
	},
	"readiness": func(in io.Reader, out io.Writer, _ []string) error {
		return serveRows(in, out, func(row readinessCase) (any, error) { return askReadiness(row), nil })
	},
	"render":      func(in io.Reader, out io.Writer, _ []string) error { return serveRender(in, out) },
	"render-time": timeRender,
	"strategic-merge": func(io.Reader, io.Writer, []string) error {
		printStrategicMergeCases()
		return nil
	},
}

// serveRows reads a JSON row from every line and writes its answer, in order.
func serveRows[Row any](in io.Reader, out io.Writer, answer func(Row) (any, error)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), 1<<28)
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
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
	if err := lines.Err(); err != nil {
		return err
	}
	return writer.Flush()
}

// timeRender: FOLDER ROUNDS [CASE...].
func timeRender(_ io.Reader, out io.Writer, arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("usage: oracle render-time FOLDER ROUNDS [CASE...]")
	}
	rounds, err := strconv.Atoi(arguments[1])
	if err != nil {
		return err
	}
	return printRenderTimes(out, arguments[0], rounds, arguments[2:])
}

func main() {
	if len(os.Args) > 1 {
		if run, ok := topics[os.Args[1]]; ok {
			if err := run(os.Stdin, os.Stdout, os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, "oracle:", err)
				os.Exit(1)
			}
			return
		}
	}
	names := []string{}
	for name := range topics {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintln(os.Stderr, "usage: oracle TOPIC, where TOPIC is one of:", strings.Join(names, ", "))
	os.Exit(2)
}
