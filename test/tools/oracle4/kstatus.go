// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type kstatusCase struct {
	Object json.RawMessage `json:"object"`
}

// askKstatus says status and message of an object, as Helm 4 waits by them.
func askKstatus(row kstatusCase) ([2]string, error) {
	var object unstructured.Unstructured
	if err := object.UnmarshalJSON(row.Object); err != nil {
		return [2]string{}, err
	}
	result, err := status.Compute(&object)
	if err != nil {
		return [2]string{}, err
	}
	return [2]string{string(result.Status), result.Message}, nil
}
