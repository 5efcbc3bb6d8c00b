// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

func addSemverTopics(topics map[string]textTopic) {
	// in: constraint NUL version
	topics["semver.check"] = func(in []byte) (string, error) {
		c, v, _ := strings.Cut(string(in), "\x00")
		cs, err := semver.NewConstraint(c)
		if err != nil {
			return "", err
		}
		sv, err := semver.NewVersion(v)
		if err != nil {
			return "", err
		}
		ok, errs := cs.Validate(sv)
		var b strings.Builder
		if cs.Check(sv) {
			b.WriteString("true\n")
		} else {
			b.WriteString("false\n")
		}
		if ok {
			b.WriteString("valid\n")
		}
		b.WriteString(cs.String() + "\n")
		for _, e := range errs {
			b.WriteString(e.Error() + "\n")
		}
		return b.String(), nil
	}
	// in: constraint NUL version NUL version ...; of each pair what semver.check says
	topics["semver.table"] = func(in []byte) (string, error) {
		c, versions, _ := strings.Cut(string(in), "\x00")
		var b strings.Builder
		for _, v := range strings.Split(versions, "\x00") {
			answer, err := topics["semver.check"]([]byte(c + "\x00" + v))
			if err != nil {
				answer = err.Error() + "\n"
			}
			b.WriteString(answer)
		}
		return b.String(), nil
	}
	topics["semver.version"] = func(in []byte) (string, error) {
		v, err := semver.NewVersion(string(in))
		if err != nil {
			return "", err
		}
		p, m, n := v.IncPatch(), v.IncMinor(), v.IncMajor()
		return strings.Join([]string{v.String(), v.Original(), v.Prerelease(), v.Metadata(), p.Original(), m.Original(), n.Original()}, "\n"), nil
	}
	topics["semver.strict"] = func(in []byte) (string, error) {
		v, err := semver.StrictNewVersion(string(in))
		if err != nil {
			return "", err
		}
		return v.String() + "\n" + v.Original(), nil
	}
	topics["semver.compare"] = func(in []byte) (string, error) {
		a, b, _ := strings.Cut(string(in), "\x00")
		x, err := semver.NewVersion(a)
		if err != nil {
			return "", err
		}
		y, err := semver.NewVersion(b)
		if err != nil {
			return "", err
		}
		return []string{"-1", "0", "1"}[x.Compare(y)+1], nil
	}
}
