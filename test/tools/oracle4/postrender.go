// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"

	"helm.sh/helm/v4/pkg/action"
)

// Files as templates would print them, and what a post-renderer makes of their stream.
type postRenderCase struct {
	Files map[string]string `json:"files"`
	// What it prints, one for each time it runs; without it the stream as it came.
	Outputs  []string `json:"outputs"`
	Strategy string   `json:"strategy"`
}

type postRenderAnswer struct {
	Streams  []string `json:"streams"`
	Manifest string   `json:"manifest,omitempty"`
	Hooks    []hook   `json:"hooks,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// Remembers what it was given.
type scriptedRenderer struct {
	outputs []string
	streams []string
}

func (s *scriptedRenderer) Run(rendered *bytes.Buffer) (*bytes.Buffer, error) {
	turn := len(s.streams)
	s.streams = append(s.streams, rendered.String())
	if turn < len(s.outputs) {
		return bytes.NewBufferString(s.outputs[turn]), nil
	}
	return rendered, nil
}

func postRender(row postRenderCase) (out postRenderAnswer) {
	script := &scriptedRenderer{outputs: row.Outputs, streams: []string{}}
	defer func() {
		if r := recover(); r != nil {
			out = postRenderAnswer{Streams: script.streams, Error: fmt.Sprintf("panic: %v", r)}
		}
	}()
	files := map[string]string{"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n"}
	texts := map[string]any{}
	for name, text := range row.Files {
		files[name] = fmt.Sprintf("{{ index .Values.texts %q }}", name)
		texts[name] = text
	}
	loaded, err := load(request{Files: files})
	if err != nil {
		return postRenderAnswer{Streams: script.streams, Error: err.Error()}
	}
	post := &postRendering{renderer: script, strategy: action.PostRenderStrategy(row.Strategy)}
	made, err := install(loaded, map[string]any{"texts": texts}, request{}, post)
	if err != nil {
		return postRenderAnswer{Streams: script.streams, Error: err.Error()}
	}
	return postRenderAnswer{Streams: script.streams, Manifest: made.Manifest, Hooks: hooksOf(made)}
}
