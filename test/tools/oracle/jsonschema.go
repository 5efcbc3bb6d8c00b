// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// refuse stands where Helm would load a schema from elsewhere.
type refuse struct{}

func (refuse) Load(string) (any, error) {
	return nil, errors.New("schemas outside the chart are not loaded")
}

// permissive is what Helm takes for an unresolved URN.
type permissive struct{}

func (permissive) Load(string) (any, error) { return true, nil }

func addSchemaTopics(topics map[string]textTopic) {
	// in: schema NUL values, both JSON. out: what Helm prints below the chart's name.
	topics["jsonschema"] = func(in []byte) (out string, err error) {
		defer func() {
			if r := recover(); r != nil {
				out, err = "", fmt.Errorf("unable to validate schema: %s", r)
			}
		}()
		schemaText, valuesText, _ := bytes.Cut(in, []byte{0})
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
		if err != nil {
			return "", err
		}
		compiler := jsonschema.NewCompiler()
		compiler.UseLoader(jsonschema.SchemeURLLoader{"file": refuse{}, "http": refuse{}, "https": refuse{}, "urn": permissive{}})
		if err := compiler.AddResource("file:///values.schema.json", schema); err != nil {
			return "", err
		}
		validator, err := compiler.Compile("file:///values.schema.json")
		if err != nil {
			return "", err
		}
		var values any
		if err := json.Unmarshal(valuesText, &values); err != nil {
			return "", err
		}
		if err := validator.Validate(values); err != nil {
			return "", errors.New(strings.TrimPrefix(err.Error(), "jsonschema validation failed with 'file:///values.schema.json#'\n") + "\n")
		}
		return "", nil
	}
}
