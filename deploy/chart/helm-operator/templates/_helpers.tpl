{{- define "helm-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "helm-operator.fullname" -}}
{{- $name := include "helm-operator.name" . -}}
{{- $generated := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $generated | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What Deployment, Service and their like find the pods by: never to change in the life of a release. */}}
{{- define "helm-operator.selectorLabels" -}}
{{- if .Values.selectorLabels -}}
{{- toYaml .Values.selectorLabels -}}
{{- else -}}
app: {{ include "helm-operator.name" . }}
release: {{ .Release.Name }}
{{- end -}}
{{- end -}}

{{- define "helm-operator.labels" -}}
{{ include "helm-operator.selectorLabels" . }}
app.kubernetes.io/name: {{ include "helm-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "helm-operator.serviceAccountName" -}}
{{- $made := .Values.serviceAccount.create | ternary (include "helm-operator.fullname" .) "default" -}}
{{- .Values.serviceAccount.name | default $made -}}
{{- end -}}

{{- define "helm-operator.clusterRoleName" -}}
{{- .Values.clusterRole.name | default (include "helm-operator.fullname" .) -}}
{{- end -}}

{{/* "true" when the operator is bound to no cluster role. */}}
{{- define "helm-operator.isConfined" -}}
{{- if not (or .Values.clusterRole.create .Values.clusterRole.name) -}}true{{- end -}}
{{- end -}}

{{- define "helm-operator.watchedNamespace" -}}
{{- if include "helm-operator.isConfined" . -}}
{{- .Release.Namespace -}}
{{- else -}}
{{- .Values.allowNamespace | default "" -}}
{{- end -}}
{{- end -}}

{{- define "helm-operator.deployKeyName" -}}
{{- .Values.git.ssh.secretName | default (printf "%s-git-deploy" (include "helm-operator.fullname" .)) -}}
{{- end -}}

{{- define "helm-operator.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
