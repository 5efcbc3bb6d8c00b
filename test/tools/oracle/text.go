// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// textTopic answers one text with another, or with an error's text.
type textTopic func(in []byte) (string, error)

type textRequest struct {
	Op string `json:"op"`
	// In is base64: texts need not be UTF-8.
	In []byte `json:"in"`
}

type textAnswer struct {
	Out   string `json:"out"`
	Err   string `json:"err"`
	Panic string `json:"panic,omitempty"`
}

func textTopics() map[string]textTopic {
	topics := map[string]textTopic{}
	addYamlTopics(topics)
	addSemverTopics(topics)
	addSchemaTopics(topics)
	addStdlibTopics(topics)
	return topics
}

// serveText reads a request from every line and writes its answer, in order.
func serveText(in io.Reader, out io.Writer) error {
	time.Local = time.UTC
	topics := textTopics()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), 1<<28)
	writer := bufio.NewWriter(out)
	for lines.Scan() {
		answer, err := json.Marshal(answerText(topics, lines.Bytes()))
		if err != nil {
			return err
		}
		if _, err := writer.Write(append(answer, '\n')); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return writer.Flush()
}

func answerText(topics map[string]textTopic, line []byte) (answer textAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer = textAnswer{Panic: fmt.Sprint(r)}
		}
	}()
	var request textRequest
	if err := json.Unmarshal(line, &request); err != nil {
		return textAnswer{Panic: err.Error()}
	}
	text, err := topics[request.Op](request.In)
	if err != nil {
		return textAnswer{Err: base64.StdEncoding.EncodeToString([]byte(err.Error()))}
	}
	return textAnswer{Out: base64.StdEncoding.EncodeToString([]byte(text))}
}
