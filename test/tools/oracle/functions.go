// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"
	_ "unsafe" // for go:linkname

	_ "helm.sh/helm/v3/pkg/engine"
)

// helmFunctions is the engine's own map: Sprig's functions and Helm's, before a rendering binds its own.
//
//go:linkname helmFunctions helm.sh/helm/v3/pkg/engine.funcMap
func helmFunctions() template.FuncMap

// functionCase is one row of topic "functions": a template and the JSON values it is given.
type functionCase struct {
	Template string          `json:"template"`
	Values   json.RawMessage `json:"values"`
}

type functionAnswer struct {
	Output *string `json:"output,omitempty"`
	// OutputBase64 holds output that is not UTF-8.
	OutputBase64 *string `json:"outputBase64,omitempty"`
	Error        *string `json:"error,omitempty"`
}

// boundFunctions lists what only a rendering can answer.
var boundFunctions = []string{"include", "tpl", "required", "lookup"}

// functionTable is what charts call without the engine: no DNS, local time in UTC.
func functionTable() template.FuncMap {
	time.Local = time.UTC
	table := helmFunctions()
	for _, name := range boundFunctions {
		delete(table, name)
	}
	table["getHostByName"] = func(string) string { return "" }
	return table
}

// runFunction answers one row with what the template writes or says.
func runFunction(table template.FuncMap, row functionCase) (answer functionAnswer) {
	fail := func(text string) functionAnswer { return functionAnswer{Error: &text} }
	defer func() {
		if r := recover(); r != nil {
			answer = fail(fmt.Sprintf("panic: %v", r))
		}
	}()
	var values any
	if len(row.Values) > 0 {
		if err := json.Unmarshal(row.Values, &values); err != nil {
			return fail("oracle: " + err.Error())
		}
	}
	t, err := template.New("t").Option("missingkey=zero").Funcs(table).Parse(row.Template)
	if err != nil {
		return fail(err.Error())
	}
	var out strings.Builder
	if err := t.Execute(&out, values); err != nil {
		return fail(err.Error())
	}
	text := out.String()
	if utf8.ValidString(text) {
		return functionAnswer{Output: &text}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	return functionAnswer{OutputBase64: &encoded}
}

// functionSignatures maps each function's name to its Go type.
func functionSignatures() map[string]string {
	signatures := map[string]string{}
	for name, fn := range functionTable() {
		signatures[name] = fmt.Sprintf("%T", fn)
	}
	return signatures
}
