// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/gobwas/glob"
	apijson "k8s.io/apimachinery/pkg/util/json"
)

// parts cuts a question of several texts at its NULs.
func parts(in []byte, count int) []string {
	found := strings.SplitN(string(in), "\x00", count)
	for len(found) < count {
		found = append(found, "")
	}
	return found
}

func addStdlibTopics(topics map[string]textTopic) {
	addFmtTopics(topics)
	addStrconvTopics(topics)
	addTimeTopics(topics)
	addRegexpTopics(topics)
	addJSONTopics(topics)
	addTomlTopics(topics)
	addGlobTopics(topics)
}

func addFmtTopics(topics map[string]textTopic) {
	// in: format NUL JSON list of packed values
	topics["fmt.sprintf"] = func(in []byte) (string, error) {
		p := parts(in, 2)
		values, err := unpackList(p[1])
		if err != nil {
			return "", err
		}
		return fmt.Sprintf(p[0], values...), nil
	}
	topics["fmt.sprint"] = func(in []byte) (string, error) {
		values, err := unpackList(string(in))
		return fmt.Sprint(values...), err
	}
	topics["fmt.sprintln"] = func(in []byte) (string, error) {
		values, err := unpackList(string(in))
		return fmt.Sprintln(values...), err
	}
	// in: JSON list of two packed values
	topics["deepequal"] = func(in []byte) (string, error) {
		values, err := unpackList(string(in))
		if err != nil {
			return "", err
		}
		return strconv.FormatBool(reflect.DeepEqual(values[0], values[1])), nil
	}
}

func addStrconvTopics(topics map[string]textTopic) {
	// in: text NUL base NUL bits
	topics["strconv.parseint"] = func(in []byte) (string, error) {
		p := parts(in, 3)
		base, _ := strconv.Atoi(p[1])
		bits, _ := strconv.Atoi(p[2])
		n, err := strconv.ParseInt(p[0], base, bits)
		return strconv.FormatInt(n, 10), err
	}
	topics["strconv.parseuint"] = func(in []byte) (string, error) {
		p := parts(in, 3)
		base, _ := strconv.Atoi(p[1])
		bits, _ := strconv.Atoi(p[2])
		n, err := strconv.ParseUint(p[0], base, bits)
		return strconv.FormatUint(n, 10), err
	}
	topics["strconv.atoi"] = func(in []byte) (string, error) {
		n, err := strconv.Atoi(string(in))
		return strconv.Itoa(n), err
	}
	// in: text NUL bits
	topics["strconv.parsefloat"] = func(in []byte) (string, error) {
		p := parts(in, 2)
		bits, _ := strconv.Atoi(p[1])
		f, err := strconv.ParseFloat(p[0], bits)
		return strconv.FormatFloat(f, 'x', -1, 64), err
	}
	topics["strconv.parsebool"] = func(in []byte) (string, error) {
		b, err := strconv.ParseBool(string(in))
		return strconv.FormatBool(b), err
	}
	// in: float as text NUL verb NUL precision NUL bits
	topics["strconv.formatfloat"] = func(in []byte) (string, error) {
		p := parts(in, 4)
		precision, _ := strconv.Atoi(p[2])
		bits, _ := strconv.Atoi(p[3])
		f, err := strconv.ParseFloat(p[0], bits)
		if err != nil {
			return "", err
		}
		return strconv.FormatFloat(f, p[1][0], precision, bits), nil
	}
	topics["strconv.quote"] = func(in []byte) (string, error) { return strconv.Quote(string(in)), nil }
	topics["strconv.quotetoascii"] = func(in []byte) (string, error) { return strconv.QuoteToASCII(string(in)), nil }
	topics["strconv.unquote"] = func(in []byte) (string, error) { return strconv.Unquote(string(in)) }
	topics["strconv.canbackquote"] = func(in []byte) (string, error) {
		return strconv.FormatBool(strconv.CanBackquote(string(in))), nil
	}
	// in: code points, as numbers with spaces between them
	topics["strconv.isprint"] = func(in []byte) (string, error) {
		var out strings.Builder
		for _, field := range strings.Fields(string(in)) {
			code, err := strconv.ParseInt(field, 10, 32)
			if err != nil {
				return "", err
			}
			out.WriteString(strconv.FormatBool(strconv.IsPrint(rune(code)))[:1])
		}
		return out.String(), nil
	}
}

func addTimeTopics(topics map[string]textTopic) {
	show := func(t time.Time) string {
		return t.Format("2006-01-02T15:04:05.999999999Z07:00:00 MST") + " " + strconv.FormatInt(t.Unix(), 10)
	}
	// in: layout NUL text NUL zone
	topics["time.parse"] = func(in []byte) (string, error) {
		p := parts(in, 3)
		zone, err := time.LoadLocation(p[2])
		if err != nil {
			return "", err
		}
		t, err := time.ParseInLocation(p[0], p[1], zone)
		if err != nil {
			return "", err
		}
		return show(t), nil
	}
	// in: seconds NUL nanoseconds NUL zone NUL layout
	topics["time.format"] = func(in []byte) (string, error) {
		p := parts(in, 4)
		seconds, _ := strconv.ParseInt(p[0], 10, 64)
		nanos, _ := strconv.ParseInt(p[1], 10, 64)
		zone, err := time.LoadLocation(p[2])
		if err != nil {
			return "", err
		}
		return time.Unix(seconds, nanos).In(zone).Format(p[3]), nil
	}
	topics["duration.parse"] = func(in []byte) (string, error) {
		d, err := time.ParseDuration(string(in))
		return strconv.FormatInt(int64(d), 10), err
	}
	topics["duration.format"] = func(in []byte) (string, error) {
		n, err := strconv.ParseInt(string(in), 10, 64)
		return time.Duration(n).String(), err
	}
	// in: duration NUL multiple, both in nanoseconds
	topics["duration.round"] = func(in []byte) (string, error) {
		p := parts(in, 2)
		n, _ := strconv.ParseInt(p[0], 10, 64)
		m, _ := strconv.ParseInt(p[1], 10, 64)
		d, by := time.Duration(n), time.Duration(m)
		return d.Round(by).String() + " " + d.Truncate(by).String(), nil
	}
}

func addRegexpTopics(topics map[string]textTopic) {
	// in: pattern NUL text NUL replacement NUL limit
	topics["regexp"] = func(in []byte) (string, error) {
		p := parts(in, 4)
		expression, err := regexp.Compile(p[0])
		if err != nil {
			return "", err
		}
		limit, _ := strconv.Atoi(p[3])
		found := []any{expression.MatchString(p[1]), expression.FindString(p[1]), expression.FindStringSubmatch(p[1]),
			expression.FindAllString(p[1], limit), expression.Split(p[1], limit),
			expression.ReplaceAllString(p[1], p[2]), expression.ReplaceAllLiteralString(p[1], p[2])}
		return fmt.Sprintf("%q", found), nil
	}
	topics["regexp.quotemeta"] = func(in []byte) (string, error) { return regexp.QuoteMeta(string(in)), nil }
}

func addJSONTopics(topics map[string]textTopic) {
	topics["json.decode"] = func(in []byte) (string, error) {
		var v any
		if err := json.Unmarshal(in, &v); err != nil {
			return "", err
		}
		return packed(v)
	}
	topics["json.decode-kubernetes"] = func(in []byte) (string, error) {
		var v any
		if err := apijson.Unmarshal(in, &v); err != nil {
			return "", err
		}
		return packed(v)
	}
	// in: a packed value
	topics["json.encode"] = func(in []byte) (string, error) {
		v, err := unpack(string(in))
		if err != nil {
			return "", err
		}
		out, err := json.Marshal(v)
		return string(out), err
	}
	topics["json.indent"] = func(in []byte) (string, error) {
		v, err := unpack(string(in))
		if err != nil {
			return "", err
		}
		out, err := json.MarshalIndent(v, "", "  ")
		return string(out), err
	}
}

func addTomlTopics(topics map[string]textTopic) {
	topics["toml.decode"] = func(in []byte) (string, error) {
		m := map[string]any{}
		if err := toml.Unmarshal(in, &m); err != nil {
			return "", err
		}
		return packed(m)
	}
	// in: a packed value
	topics["toml.encode"] = func(in []byte) (string, error) {
		v, err := unpack(string(in))
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = toml.NewEncoder(&out).Encode(v)
		return out.String(), err
	}
}

func addGlobTopics(topics map[string]textTopic) {
	// in: pattern NUL name
	topics["path.match"] = func(in []byte) (string, error) {
		p := parts(in, 2)
		is, err := filepath.Match(p[0], p[1])
		return strconv.FormatBool(is), err
	}
	// in: separators NUL pattern NUL text
	topics["glob"] = func(in []byte) (string, error) {
		p := parts(in, 3)
		matcher, err := glob.Compile(p[1], []rune(p[0])...)
		if err != nil {
			return "", errors.New("unreadable")
		}
		return strconv.FormatBool(matcher.Match(p[2])), nil
	}
}
