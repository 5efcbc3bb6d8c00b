// SPDX-License-Identifier: Apache-2.0 — a table

/** Templates of `helm show values --jsonpath`; a blank is written `_`. Maps under a wildcard have one key: Go's order is random. */

export const PATH_VALUES = `a: 1
big: 12345678901
f: 0.000001
t: true
e: ""
nul: null
s: "héy"
é: acc
dotted.key: dk
l: [1, two, 3.5, null, true]
empty: []
nullist: [null, 1]
m: {x: "<q>"}
o:
- {k: v, num: 1, l: [1, 2, 3], b: true}
- {k: w, num: 2.5, l: [], b: false}
- {k: "a)b", q: null, z: 1}
`;

export const PATH_TEMPLATES: readonly string[] = String.raw`
{.m}
{.l[*]}{"\n"}{.m.x}
x{range_.l[*]}[{@}]{end}|
{.nope}
a{.a}b{.nope}c
{.l[-1:]}
{.l[0,2]}
{.l[-2:]}
{.l[1:3]}
{.l[::2]}
{.l[3]}
{.l[5]}
{.l[-6]}
{.l[1:1]}
{.l[3:1]}
{.l[0:5:0]}
{.l[]}
{.l[a]}
{.l[-]}
{.l[1
{.a
{
}
{}
{{}}
a{"b"}c{'d'}
{"\x41\u00e9\""}
{'\''}
{'"'}
{"'\q"}
{"\'"}
{"unterminated
{.o[?(@.k=="v")]}
{.o[?(@.k=="v")].num}
{.o[?(@.num>1)].k}
{.o[?(@.num>1.0)].k}
{.o[?(@.num>=2.5)].k}
{.o[?(@.k!='v')].k}
{.o[?(@.q)].k}
{.o[?(@.k<"w")].k}
{.o[?(@.b==true)].k}
{.o[?(@.b<true)].k}
{.o[?(@.k=_"v")].k}
{.o[?(@.k=="a)b")].k}
{.o[?(@.k=="v"]}
{.o[?(@.k=="v")
{.o[?(@.l[9])].k}
{.o[?(@.l[*]==1.0)].k}
{range_.o[*]}{.k}:{.num}{"\t"}{end}
{range_.o[*]}{range_.l[*]}{@}-{end};{end}done
{range_.none[*]}x{end}y
{range_.empty[*]}x{end}y
{range_.empty[*]}x{range_.y[*]}z{end}w{end}y
{range_.l[*]}x
{end}
{range}{.a}{end}
{foo}
{true}{false}{1}{-2}{+3}{1.5}{1.2.3}
{.m['x']}
{.m['x','q']}
{.o[*]['k','num']}
{['m']['x']}
{.m['a.b']}
{.dotted\.key}
{.dotted.key}
{.m.*}
{.s.*}
{.s[*]}
{...}
{....a}
{..*}
{..k}
{.o..k}
{$.a}{@.a}{$}
{.a,.b}
{.big}|{.f}|{.t}|{.e}|{.nul}
{.l[*].x}
{.o[0].l[-1]}
{.o[0].l[:-1]}
{.o[0].l[1:]}
{.o[0].l[:1]}
{.o[0].l[0:99]}
{_.a_}
{.a}_{.s}
{.é}
{#}
{.a#}
{.a[0]}
{.nul.x}
{.nul[0]}
{.empty[0]}
{.empty[0:0]}
{.empty[:]}
{range_.l[*]}{end}{end}
{range_.o[*]}{.k}{end}{range_.o[*]}{.num}{end}
{.o[?(@.num)].num}
{.o[?(1==1)].k}
{.o[?(1)].k}
{.o[?(@)].k}
{.o[?(!@.k)].k}
{.m[?(@.x)]}
{.o[*].l[?(@>1.0)]}
{.o[?(@.num==nope)]}
{.o[?(@.l[*]=="x")].k}
text_only
{99999999999999999999}
{.l[99999999999999999999]}
{range_.nullist[*]}<{@}{.x}>{end}
{range_.nullist[*]}<{@}>{end}
{.nullist[*]}
{.nullist[0].x}
{.o[?(@.k=="v")&&(@.num==1)]}
{.l[*]_.a}
{.l[0:2]}{.l[:2]}
{.l[5:]}
{.l[4:6]}
{.l[-5:-3]}
{.l[-3:0]}
{.l[_1]}
{.s}{.}
`
  .trim()
  .split('\n');
