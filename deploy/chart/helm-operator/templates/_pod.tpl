{{- define "helm-operator.pod" -}}
serviceAccountName: {{ include "helm-operator.serviceAccountName" . }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- with .Values.image.pullSecret }}
imagePullSecrets:
  - name: {{ . }}
{{- end }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  {{- include "helm-operator.volumes" . | nindent 2 }}
{{- $plugins := "" }}
{{- if .Values.initPlugins.enable }}
{{- $plugins = include "helm-operator.pluginContainers" . | trim }}
{{- end }}
{{- if or .Values.initContainers $plugins }}
initContainers:
  {{- with .Values.initContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $plugins }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}
containers:
  {{- include "helm-operator.container" . | nindent 2 }}
  {{- with .Values.sidecarContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- range $field := list "nodeSelector" "affinity" "tolerations" "topologySpreadConstraints" }}
{{- with index $.Values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "helm-operator.container" -}}
- name: flux-helm-operator
  image: {{ include "helm-operator.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    {{- include "helm-operator.args" . | nindent 4 }}
  {{- with .Values.extraEnvs }}
  env:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - name: http
      containerPort: 3030
  livenessProbe:
    httpGet:
      path: /healthz
      port: http
    {{- toYaml .Values.livenessProbe | nindent 4 }}
  readinessProbe:
    httpGet:
      path: /readyz
      port: http
    {{- toYaml .Values.readinessProbe | nindent 4 }}
  {{- with .Values.containerSecurityContext.helmOperator }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    {{- include "helm-operator.mounts" . | nindent 4 }}
{{- end -}}
