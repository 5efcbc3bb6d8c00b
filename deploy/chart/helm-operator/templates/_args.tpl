{{/* The operator's flags, one a line. */}}
{{- define "helm-operator.args" -}}
- --enabled-helm-versions={{ .Values.helm.versions }}
{{- if .Values.configureRepositories.enable }}
- --helm-repository-import=v3:/etc/fluxd/repositories/repositories.yaml
{{- end }}
{{- if .Values.kube.config }}
- --kubeconfig=/etc/fluxd/kube/config
{{- end }}
- --log-format={{ .Values.logFormat }}
- --git-timeout={{ .Values.git.timeout }}
- --git-poll-interval={{ .Values.git.pollInterval }}
{{- with .Values.git.defaultRef }}
- --git-default-ref={{ . }}
{{- end }}
{{- if .Values.git.ssh.known_hosts }}
- --git-known-hosts-file=/etc/fluxd/known-hosts/known_hosts,/root/.ssh/known_hosts,/etc/ssh/ssh_known_hosts
{{- end }}
- --charts-sync-interval={{ .Values.chartsSyncInterval }}
- --update-chart-deps={{ .Values.updateChartDeps }}
- --log-release-diffs={{ .Values.logReleaseDiffs }}
- --workers={{ .Values.workers }}
{{- with include "helm-operator.watchedNamespace" . }}
- --allow-namespace={{ . }}
{{- end }}
- --leader-elect={{ .Values.leaderElection.enabled }}
{{- with .Values.leaderElection.namespace }}
- --leader-election-namespace={{ . }}
{{- end }}
- --chart-cache-size={{ .Values.chartCache.sizeMiB }}
{{- if ne .Values.driftDetection "off" }}
- --drift-detection={{ .Values.driftDetection }}
{{- end }}
{{- if not .Values.healthStatus }}
- --health-status=false
{{- end }}
{{- if ne .Values.crossNamespaceReferences "allow" }}
- --cross-namespace-references={{ .Values.crossNamespaceReferences }}
{{- end }}
{{- with .Values.defaultServiceAccount }}
- --default-service-account={{ . }}
{{- end }}
{{- if ne .Values.crdDeletion "keep" }}
- --crd-deletion={{ .Values.crdDeletion }}
{{- end }}
{{- if .Values.apiToken.secretName }}
- --api-token-file=/etc/fluxd/api-token/token
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}
