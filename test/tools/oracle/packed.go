// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A packed value is a JSON list of its Go type and its content, so that nothing of it is lost:
// ["int", "5"], ["float64", "0x1p-02"], ["string", "text"], ["base64", "/w=="] (a string that is not UTF-8),
// ["list", [...]], ["map", [["key", ...], ...]], ["time", "seconds", "nanoseconds", "zone"] ...
// test/conformance/packed.ts is its twin.

func unpackList(text string) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	return unpackEach(raw)
}

func unpackEach(raw []json.RawMessage) ([]any, error) {
	values := []any{}
	for _, one := range raw {
		value, err := unpack(string(one))
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

func unpack(text string) (any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	var kind string
	if err := json.Unmarshal(raw[0], &kind); err != nil {
		return nil, err
	}
	switch kind {
	case "list", "map", "strings":
		return unpackMany(kind, raw[1])
	}
	fields := []string{}
	for _, one := range raw[1:] {
		var field string
		if err := json.Unmarshal(one, &field); err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return unpackOne(kind, append(fields, "", "", ""))
}

func unpackMany(kind string, raw json.RawMessage) (any, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, err
	}
	values, err := unpackEach(items)
	if err != nil || kind == "list" {
		return values, err
	}
	if kind == "strings" {
		list := []string{}
		for _, value := range values {
			list = append(list, value.(string))
		}
		return list, nil
	}
	table := map[string]any{}
	for at := 0; at < len(values); at += 2 {
		table[values[at].(string)] = values[at+1]
	}
	return table, nil
}

func unpackOne(kind string, fields []string) (any, error) {
	text := fields[0]
	switch kind {
	case "nil":
		return nil, nil
	case "bool":
		return text == "true", nil
	case "string":
		return text, nil
	case "base64":
		raw, err := base64.StdEncoding.DecodeString(text)
		return string(raw), err
	case "bytes":
		return base64.StdEncoding.DecodeString(text)
	case "float64":
		return strconv.ParseFloat(text, 64)
	case "time":
		seconds, _ := strconv.ParseInt(text, 10, 64)
		nanos, _ := strconv.ParseInt(fields[1], 10, 64)
		zone, err := time.LoadLocation(fields[2])
		if err != nil {
			return nil, err
		}
		return time.Unix(seconds, nanos).In(zone), nil
	}
	return unpackInteger(kind, text)
}

func unpackInteger(kind string, text string) (any, error) {
	signed, _ := strconv.ParseInt(text, 10, 64)
	unsigned, _ := strconv.ParseUint(text, 10, 64)
	switch kind {
	case "int":
		return int(signed), nil
	case "int8":
		return int8(signed), nil
	case "int32":
		return int32(signed), nil
	case "int64":
		return signed, nil
	case "uint8":
		return uint8(unsigned), nil
	case "uint32":
		return uint32(unsigned), nil
	case "uint64":
		return unsigned, nil
	case "duration":
		return time.Duration(signed), nil
	}
	return nil, fmt.Errorf("no such kind: %s", kind)
}

// packed writes what decoders give.
func packed(value any) (string, error) {
	out, err := plainJSON(pack(value))
	return string(out), err
}

func packText(text string) []any {
	if utf8.ValidString(text) {
		return []any{"string", text}
	}
	return []any{"base64", base64.StdEncoding.EncodeToString([]byte(text))}
}

func pack(value any) any {
	switch v := value.(type) {
	case nil:
		return []any{"nil"}
	case bool:
		return []any{"bool", strconv.FormatBool(v)}
	case string:
		return packText(v)
	case float64:
		return []any{"float64", strconv.FormatFloat(v, 'g', -1, 64)}
	case int64:
		return []any{"int64", strconv.FormatInt(v, 10)}
	case time.Time:
		return []any{"time", v.Format("2006-01-02T15:04:05.999999999Z07:00 MST")}
	case []any:
		items := []any{}
		for _, item := range v {
			items = append(items, pack(item))
		}
		return []any{"list", items}
	case []map[string]any:
		items := []any{}
		for _, item := range v {
			items = append(items, pack(item))
		}
		return []any{"tables", items}
	case map[string]any:
		keys := []string{}
		for key := range v {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, strings.Compare)
		items := []any{}
		for _, key := range keys {
			items = append(items, packText(key), pack(v[key]))
		}
		return []any{"map", items}
	}
	return []any{fmt.Sprintf("%T", value), fmt.Sprint(value)}
}
