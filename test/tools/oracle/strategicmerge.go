// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"math/rand"

	jsonpatch "github.com/evanphx/json-patch"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
)

// mergeCase is three versions of one object and what Kubernetes makes of them.
type mergeCase struct {
	Original json.RawMessage `json:"original"`
	Modified json.RawMessage `json:"modified"`
	Current  json.RawMessage `json:"current"`
	// Strategic is the three-way patch, or Error says why there is none.
	Strategic json.RawMessage `json:"strategic,omitempty"`
	Error     string          `json:"error,omitempty"`
	// Result is Current with Strategic put onto it.
	Result json.RawMessage `json:"result,omitempty"`
	// Merge is the RFC 7386 patch from Original to Modified, ThreeWay the three-way one.
	Merge    json.RawMessage `json:"merge"`
	ThreeWay json.RawMessage `json:"threeWay,omitempty"`
}

type mergeObject = map[string]any

type mergeGenerator struct{ *rand.Rand }

func (g mergeGenerator) chance(percent int) bool { return g.Intn(100) < percent }

func (g mergeGenerator) pick(values ...any) any { return values[g.Intn(len(values))] }

func (g mergeGenerator) some(o mergeObject, key string, percent int, make func() any) {
	if g.chance(percent) {
		o[key] = make()
	}
}

func (g mergeGenerator) list(n int, key string, values []any, make func(o mergeObject)) []any {
	out := []any{}
	for _, i := range g.Perm(len(values))[:g.Intn(min(n, len(values))+1)] {
		o := mergeObject{key: values[i]}
		make(o)
		out = append(out, o)
	}
	if len(out) > 1 && g.chance(4) {
		out = append(out, mergeObject{key: out[0].(mergeObject)[key]})
	}
	return out
}

func (g mergeGenerator) labels() any {
	o := mergeObject{}
	for _, k := range []string{"app", "tier", "v"} {
		g.some(o, k, 50, func() any { return g.pick("a", "b", "true", "1") })
	}
	return o
}

func (g mergeGenerator) scalars(values ...any) any {
	out := []any{}
	for _, i := range g.Perm(len(values))[:g.Intn(len(values)+1)] {
		out = append(out, values[i])
	}
	return out
}

func (g mergeGenerator) metadata() mergeObject {
	m := mergeObject{"name": "x"}
	g.some(m, "labels", 40, g.labels)
	g.some(m, "annotations", 40, g.labels)
	g.some(m, "finalizers", 15, func() any { return g.scalars("a/z", "a/b", "a/a") })
	g.some(m, "ownerReferences", 10, func() any {
		return g.list(2, "uid", []any{"1", "2"}, func(o mergeObject) { o["name"] = g.pick("p", "q") })
	})
	return m
}

func (g mergeGenerator) env() any {
	return g.list(4, "name", []any{"A", "B", "C", "D"}, func(o mergeObject) {
		if g.chance(70) {
			g.some(o, "value", 90, func() any { return g.pick("1", "2", "", nil) })
		} else {
			o["valueFrom"] = mergeObject{"secretKeyRef": mergeObject{"name": g.pick("s", "t"), "key": "k"}}
		}
	})
}

func (g mergeGenerator) container(o mergeObject) {
	o["image"] = g.pick("i:1", "i:2")
	g.some(o, "env", 60, g.env)
	g.some(o, "args", 30, func() any { return g.scalars("-a", "-b", "-c") })
	g.some(o, "ports", 50, func() any {
		return g.list(3, "containerPort", []any{80, 443, 9090}, func(o mergeObject) {
			g.some(o, "name", 50, func() any { return g.pick("http", "web") })
			g.some(o, "protocol", 40, func() any { return g.pick("TCP", "UDP") })
		})
	})
	g.some(o, "volumeMounts", 40, func() any {
		return g.list(2, "mountPath", []any{"/a", "/b"}, func(o mergeObject) { o["name"] = g.pick("v", "w") })
	})
	g.some(o, "resources", 30, func() any {
		return mergeObject{"limits": mergeObject{"cpu": g.pick("1", "100m", 1), "memory": g.pick("1Gi", "2Gi")}}
	})
	g.some(o, "livenessProbe", 25, func() any {
		p := mergeObject{"periodSeconds": g.pick(10, 20)}
		if g.chance(50) {
			p["httpGet"] = mergeObject{"path": "/", "port": g.pick("http", 80)}
		} else {
			p["tcpSocket"] = mergeObject{"port": 80}
		}
		return p
	})
}

func (g mergeGenerator) podSpec() mergeObject {
	s := mergeObject{}
	s["containers"] = g.list(3, "name", []any{"main", "side", "log"}, g.container)
	g.some(s, "initContainers", 20, func() any { return g.list(2, "name", []any{"i", "j"}, g.container) })
	g.some(s, "volumes", 50, func() any {
		return g.list(3, "name", []any{"v", "w", "z"}, func(o mergeObject) {
			switch g.Intn(3) {
			case 0:
				o["emptyDir"] = g.pick(mergeObject{}, mergeObject{"medium": "Memory"})
			case 1:
				o["configMap"] = mergeObject{"name": g.pick("c", "d"), "defaultMode": g.pick(420, 256)}
			default:
				o["secret"] = mergeObject{"secretName": g.pick("c", "d")}
			}
		})
	})
	g.some(s, "imagePullSecrets", 20, func() any { return g.list(2, "name", []any{"r", "q"}, func(mergeObject) {}) })
	g.some(s, "tolerations", 20, func() any {
		return g.list(2, "key", []any{"k", "l"}, func(o mergeObject) { o["operator"] = "Exists" })
	})
	g.some(s, "hostAliases", 10, func() any {
		return g.list(2, "ip", []any{"1.1.1.1", "2.2.2.2"}, func(o mergeObject) { o["hostnames"] = g.scalars("a", "b") })
	})
	g.some(s, "topologySpreadConstraints", 10, func() any {
		return g.list(2, "topologyKey", []any{"zone", "host"}, func(o mergeObject) { o["maxSkew"] = g.pick(1, 2) })
	})
	g.some(s, "nodeSelector", 20, g.labels)
	g.some(s, "securityContext", 20, func() any { return g.pick(mergeObject{}, mergeObject{"runAsUser": g.pick(0, 1000)}, nil) })
	return s
}

func (g mergeGenerator) template() mergeObject {
	m := g.metadata()
	delete(m, "name")
	return mergeObject{"metadata": m, "spec": g.podSpec()}
}

func (g mergeGenerator) strategy() any {
	if g.chance(40) {
		return mergeObject{"type": "Recreate"}
	}
	o := mergeObject{"type": "RollingUpdate"}
	g.some(o, "rollingUpdate", 70, func() any { return mergeObject{"maxSurge": g.pick(1, "25%"), "maxUnavailable": g.pick(0, "25%")} })
	return o
}

func (g mergeGenerator) body(kind string) mergeObject {
	o := mergeObject{"kind": kind, "metadata": g.metadata()}
	switch kind {
	case "Deployment":
		spec := mergeObject{"template": g.template()}
		g.some(spec, "replicas", 60, func() any { return g.pick(1, 2, 3) })
		g.some(spec, "strategy", 50, g.strategy)
		g.some(spec, "selector", 80, func() any { return mergeObject{"matchLabels": g.labels()} })
		o["apiVersion"], o["spec"] = "apps/v1", spec
	case "StatefulSet":
		spec := mergeObject{"template": g.template(), "serviceName": "x"}
		g.some(spec, "volumeClaimTemplates", 40, func() any {
			return []any{mergeObject{"metadata": mergeObject{"name": g.pick("d", "e")}, "spec": mergeObject{"accessModes": g.scalars("RWO", "RWX")}}}
		})
		o["apiVersion"], o["spec"] = "apps/v1", spec
	case "Pod":
		o["apiVersion"], o["spec"] = "v1", g.podSpec()
	case "Service":
		spec := mergeObject{"type": g.pick("ClusterIP", "LoadBalancer")}
		g.some(spec, "selector", 70, g.labels)
		g.some(spec, "ports", 90, func() any {
			return g.list(3, "port", []any{80, 443, 53}, func(o mergeObject) {
				o["targetPort"] = g.pick("http", 8080)
				g.some(o, "nodePort", 30, func() any { return g.pick(30001, 30002) })
			})
		})
		g.some(spec, "externalIPs", 20, func() any { return g.scalars("1.1.1.1", "2.2.2.2") })
		o["apiVersion"], o["spec"] = "v1", spec
	case "ConfigMap":
		o["apiVersion"] = "v1"
		g.some(o, "data", 80, g.labels)
		g.some(o, "binaryData", 20, g.labels)
	case "ServiceAccount":
		o["apiVersion"] = "v1"
		g.some(o, "secrets", 60, func() any { return g.list(3, "name", []any{"a", "b", "c"}, func(mergeObject) {}) })
		g.some(o, "imagePullSecrets", 40, func() any { return g.list(2, "name", []any{"a", "b"}, func(mergeObject) {}) })
	case "Ingress":
		o["apiVersion"] = "networking.k8s.io/v1"
		o["spec"] = mergeObject{"rules": g.list(2, "host", []any{"a.test", "b.test"}, func(o mergeObject) {
			o["http"] = mergeObject{"paths": []any{mergeObject{"path": g.pick("/", "/x"), "pathType": "Prefix"}}}
		})}
	case "ClusterRole":
		o["apiVersion"] = "rbac.authorization.k8s.io/v1"
		o["rules"] = []any{mergeObject{"apiGroups": g.scalars("", "apps"), "resources": g.scalars("pods", "nodes"), "verbs": g.scalars("get", "list")}}
	case "ValidatingWebhookConfiguration":
		o["apiVersion"] = "admissionregistration.k8s.io/v1"
		o["webhooks"] = g.list(2, "name", []any{"a.b.c", "d.e.f"}, func(o mergeObject) {
			o["sideEffects"] = "None"
			g.some(o, "matchConditions", 50, func() any {
				return g.list(2, "name", []any{"m", "n"}, func(o mergeObject) { o["expression"] = g.pick("true", "false") })
			})
		})
	case "PodDisruptionBudget":
		o["apiVersion"] = "policy/v1"
		spec := mergeObject{"minAvailable": g.pick(1, "50%")}
		g.some(spec, "selector", 80, func() any { return mergeObject{"matchLabels": g.labels()} })
		o["spec"] = spec
	}
	return o
}

var mergeKinds = []string{"Deployment", "Deployment", "Deployment", "StatefulSet", "Pod", "Service", "Service", "ConfigMap", "ServiceAccount", "Ingress", "ClusterRole", "ValidatingWebhookConfiguration", "PodDisruptionBudget"}

// mutate takes parts of another random object of the same kind.
func (g mergeGenerator) mutate(a, b any, percent int) any {
	ma, oka := a.(mergeObject)
	mb, okb := b.(mergeObject)
	if !oka || !okb {
		la, oka := a.([]any)
		lb, okb := b.([]any)
		if oka && okb && g.chance(60) {
			out := []any{}
			for i := range la {
				if g.chance(10) {
					continue
				}
				if i < len(lb) && g.chance(30) {
					_, isObject := la[i].(mergeObject)
					if _, same := lb[i].(mergeObject); isObject == same {
						out = append(out, g.mutateKeeping(la[i], lb[i], percent))
						continue
					}
				}
				out = append(out, la[i])
			}
			if g.chance(20) {
				g.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
			}
			return out
		}
		if g.chance(percent) {
			return b
		}
		return a
	}
	out := mergeObject{}
	for _, k := range keysOfBoth(ma, mb) {
		va, ina := ma[k]
		vb, inb := mb[k]
		switch {
		case k == "apiVersion" || k == "kind" || k == "name" && !g.chance(10):
			if ina {
				out[k] = va
			}
		case ina && inb:
			out[k] = g.mutate(va, vb, percent)
		case ina && !g.chance(percent/2):
			out[k] = va
		case inb && g.chance(percent/2):
			out[k] = vb
		}
	}
	return out
}

var mergeKeyNames = []string{"name", "containerPort", "port", "mountPath", "uid", "ip", "topologyKey", "key", "host"}

func (g mergeGenerator) mutateKeeping(a, b any, percent int) any {
	out := g.mutate(a, b, percent)
	from, ok := a.(mergeObject)
	if !ok {
		return out
	}
	to := out.(mergeObject)
	for _, k := range mergeKeyNames {
		if v, in := from[k]; in {
			to[k] = v
		} else {
			delete(to, k)
		}
	}
	return to
}

func keysOfBoth(maps ...mergeObject) []string {
	seen := map[string]bool{}
	for _, m := range maps {
		for k := range m {
			seen[k] = true
		}
	}
	out := []string{}
	for k := range seen {
		out = append(out, k)
	}
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if out[j] < out[i] {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

func mustMergeJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// strategicMergeCases makes cases from a fixed seed and records what apimachinery and json-patch answer.
func strategicMergeCases(count int) []mergeCase {
	cases := []mergeCase{}
	for i := 0; i < count; i++ {
		g := mergeGenerator{rand.New(rand.NewSource(int64(i)))}
		kind := mergeKinds[i%len(mergeKinds)]
		original := g.body(kind)
		modified := g.mutate(original, g.body(kind), 30)
		current := g.mutate(original, g.body(kind), 20)
		c := mergeCase{Original: mustMergeJSON(original), Modified: mustMergeJSON(modified), Current: mustMergeJSON(current)}
		gvk := schema.FromAPIVersionAndKind(original["apiVersion"].(string), kind)
		typed, err := scheme.Scheme.New(gvk)
		if err != nil {
			panic(err)
		}
		meta, err := strategicpatch.NewPatchMetaFromStruct(typed)
		if err != nil {
			panic(err)
		}
		patch, err := strategicpatch.CreateThreeWayMergePatch(c.Original, c.Modified, c.Current, meta, true)
		if err != nil {
			c.Error = err.Error()
		} else {
			c.Strategic = patch
			if result, err := strategicpatch.StrategicMergePatchUsingLookupPatchMeta(c.Current, patch, meta); err == nil {
				c.Result = result
			}
		}
		if c.Merge, err = jsonpatch.CreateMergePatch(c.Original, c.Modified); err != nil {
			panic(err)
		}
		if threeWay, err := jsonmergepatch.CreateThreeWayJSONMergePatch(c.Original, c.Modified, c.Current); err == nil {
			c.ThreeWay = threeWay
		}
		cases = append(cases, c)
	}
	return cases
}

func printStrategicMergeCases() {
	fmt.Println("[")
	cases := strategicMergeCases(338)
	for i, c := range cases {
		end := ","
		if i == len(cases)-1 {
			end = ""
		}
		fmt.Printf("%s%s\n", mustMergeJSON(c), end)
	}
	fmt.Println("]")
}
