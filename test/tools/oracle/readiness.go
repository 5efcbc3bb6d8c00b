// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"

	"helm.sh/helm/v3/pkg/kube"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/kubernetes/fake"
)

// readinessCase is an object, and those of the cluster that its rule looks at.
type readinessCase struct {
	Object  json.RawMessage   `json:"object"`
	Related []json.RawMessage `json:"related"`
}

// askReadiness says `ready`, `waiting` or `failed: TEXT`; nothing of kinds that Helm 3 has no Go type for.
func askReadiness(row readinessCase) string {
	object, err := builtIn(row.Object)
	if err != nil {
		return ""
	}
	known := []runtime.Object{object}
	for _, raw := range row.Related {
		related, err := builtIn(raw)
		if err != nil {
			return ""
		}
		known = append(known, related)
	}
	named, err := meta.Accessor(object)
	if err != nil {
		return ""
	}
	silent := func(string, ...interface{}) {}
	checker := kube.NewReadyChecker(
		fake.NewSimpleClientset(known...), silent, kube.PausedAsReady(true), kube.CheckJobs(true))
	info := &resource.Info{Namespace: named.GetNamespace(), Name: named.GetName(), Object: object}
	switch isReady, err := checker.IsReady(context.Background(), info); {
	case err != nil:
		return "failed: " + err.Error()
	case isReady:
		return "ready"
	default:
		return "waiting"
	}
}

// builtInCodecs leaves out what others add to client-go's own scheme, which the fake cluster does not take.
var builtInCodecs = func() serializer.CodecFactory {
	builtIns := runtime.NewScheme()
	utilruntime.Must(fake.AddToScheme(builtIns))
	return serializer.NewCodecFactory(builtIns)
}()

func builtIn(raw []byte) (runtime.Object, error) {
	object, _, err := builtInCodecs.UniversalDeserializer().Decode(raw, nil, nil)
	return object, err
}
