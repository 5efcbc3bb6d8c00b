// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	goyaml2 "go.yaml.in/yaml/v2"
	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

func addYamlTopics(topics map[string]textTopic) {
	topics["yaml.decode"] = func(in []byte) (string, error) {
		var v interface{}
		if err := yaml.Unmarshal(in, &v); err != nil {
			return "", err
		}
		b, err := plainJSON(v)
		return string(b), err
	}
	topics["yaml.strict"] = func(in []byte) (string, error) {
		var v interface{}
		if err := yaml.UnmarshalStrict(in, &v); err != nil {
			return "", err
		}
		b, err := plainJSON(v)
		return string(b), err
	}
	topics["yaml.json"] = func(in []byte) (string, error) {
		b, err := yaml.YAMLToJSON(in)
		return string(b), err
	}
	// in: JSON text of a value; numbers are float64.
	topics["yaml.encode"] = func(in []byte) (string, error) {
		var v interface{}
		if err := json.Unmarshal(in, &v); err != nil {
			return "", err
		}
		b, err := yaml.Marshal(v)
		return string(b), err
	}
	// in: one string, raw bytes.
	topics["yaml.string"] = func(in []byte) (string, error) {
		b, err := yaml.Marshal(map[string]interface{}{"a": []interface{}{string(in)}, "k": string(in)})
		return string(b), err
	}
	topics["yaml.root"] = func(in []byte) (string, error) {
		b, err := yaml.Marshal(string(in))
		return string(b), err
	}
	topics["yaml.key"] = func(in []byte) (string, error) {
		b, err := yaml.Marshal(map[string]interface{}{string(in): 1})
		return string(b), err
	}
	// in: keys separated by NUL.
	topics["yaml.keys"] = func(in []byte) (string, error) {
		m := map[string]interface{}{}
		for _, k := range strings.Split(string(in), "\x00") {
			m[k] = nil
		}
		b, err := yaml.Marshal(m)
		return string(b), err
	}
	topics["yaml.prettykeys"] = func(in []byte) (string, error) {
		m := map[string]interface{}{}
		for _, k := range strings.Split(string(in), "\x00") {
			m[k] = nil
		}
		return prettyYAML(m)
	}
	// decode and encode again
	topics["yaml.again"] = func(in []byte) (string, error) {
		var v interface{}
		if err := yaml.Unmarshal(in, &v); err != nil {
			return "", err
		}
		b, err := yaml.Marshal(v)
		return string(b), err
	}
	topics["yaml.pretty"] = func(in []byte) (string, error) {
		var v interface{}
		if err := json.Unmarshal(in, &v); err != nil {
			return "", err
		}
		return prettyYAML(v)
	}
	topics["yaml.prettystring"] = func(in []byte) (string, error) {
		return prettyYAML(map[string]interface{}{"a": []interface{}{string(in)}, "k": string(in)})
	}
	topics["yaml.prettyroot"] = func(in []byte) (string, error) {
		return prettyYAML(string(in))
	}
	topics["yaml.prettykey"] = func(in []byte) (string, error) {
		return prettyYAML(map[string]interface{}{string(in): 1})
	}
	topics["yaml.documents"] = func(in []byte) (string, error) {
		d := goyaml2.NewDecoder(bytes.NewReader(in))
		var out bytes.Buffer
		for {
			var v interface{}
			err := d.Decode(&v)
			if errors.Is(err, io.EOF) {
				return out.String(), nil
			}
			if err != nil {
				return "", err
			}
			b, err := goyaml2.Marshal(v)
			if err != nil {
				return "", err
			}
			b, err = yaml.YAMLToJSON(b)
			if err != nil {
				return "", err
			}
			out.Write(b)
			out.WriteByte('\n')
		}
	}
}

func plainJSON(v interface{}) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

func prettyYAML(v interface{}) (string, error) {
	var data bytes.Buffer
	encoder := yaml3.NewEncoder(&data)
	encoder.SetIndent(2)
	err := encoder.Encode(v)
	return data.String(), err
}
