{{/* What the operator may do: everything, or its own needs and what the objects of releases need. */}}
{{- define "helm-operator.rules" -}}
{{- if eq .Values.rbac.profile "cluster-admin" -}}
- apiGroups: ["*"]
  resources: ["*"]
  verbs: ["*"]
{{- else -}}
{{ include "helm-operator.ownRules" . }}
{{- with .Values.rbac.releaseRules }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "helm-operator.ownRules" -}}
# HelmReleases: finalizer, annotation, status.
- apiGroups: [helm.fluxcd.io, flux.weave.works]
  resources: [helmreleases]
  verbs: [get, list, watch, patch]
- apiGroups: [helm.fluxcd.io, flux.weave.works]
  resources: [helmreleases/status]
  verbs: [patch]
# Values, credentials, Helm's records.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
# What is told, and what is told from: why a pod is not ready.
- apiGroups: [""]
  resources: [events]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [pods, pods/log]
  verbs: [get, list, watch]
{{- if or .Values.rbac.canImpersonate .Values.defaultServiceAccount (eq .Values.crossNamespaceReferences "rbac") }}
# Releases act as service accounts.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, impersonate]
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end }}
{{- end -}}
