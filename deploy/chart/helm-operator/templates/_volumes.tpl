{{- define "helm-operator.volumes" -}}
- name: tmp
  {{- toYaml .Values.tmpVolume | nindent 2 }}
- name: git-key
  secret:
    secretName: {{ include "helm-operator.deployKeyName" . }}
    defaultMode: 0400
{{- if .Values.git.ssh.known_hosts }}
- name: known-hosts
  configMap:
    name: {{ include "helm-operator.fullname" . }}-ssh-config
{{- end }}
{{- if .Values.configureRepositories.enable }}
- name: {{ .Values.configureRepositories.volumeName | quote }}
  secret:
    secretName: {{ .Values.configureRepositories.secretName | quote }}
    defaultMode: 0400
{{- end }}
{{- if .Values.kube.config }}
- name: kube-config
  configMap:
    name: {{ include "helm-operator.fullname" . }}-kube-config
{{- end }}
{{- with .Values.apiToken }}
{{- if .secretName }}
- name: api-token
  secret:
    secretName: {{ .secretName | quote }}
    defaultMode: 0400
    items:
      - key: {{ .key | quote }}
        path: token
{{- end }}
{{- end }}
{{- if .Values.initPlugins.enable }}
- name: {{ .Values.initPlugins.cacheVolumeName | quote }}
  emptyDir: {}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "helm-operator.mounts" -}}
- name: tmp
  mountPath: /tmp
- name: git-key
  mountPath: /etc/fluxd/ssh
  readOnly: true
{{- if .Values.git.ssh.known_hosts }}
- name: known-hosts
  mountPath: /etc/fluxd/known-hosts
  readOnly: true
{{- end }}
{{- if .Values.configureRepositories.enable }}
- name: {{ .Values.configureRepositories.volumeName | quote }}
  mountPath: /etc/fluxd/repositories
  readOnly: true
{{- end }}
{{- if .Values.kube.config }}
- name: kube-config
  mountPath: /etc/fluxd/kube
  readOnly: true
{{- end }}
{{- if .Values.apiToken.secretName }}
- name: api-token
  mountPath: /etc/fluxd/api-token
  readOnly: true
{{- end }}
{{- if .Values.initPlugins.enable }}
{{ include "helm-operator.pluginMounts" . }}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where Helm 3 installs plugins, and where it keeps what it fetched of them. */}}
{{- define "helm-operator.pluginMounts" -}}
- name: {{ .Values.initPlugins.cacheVolumeName | quote }}
  mountPath: /root/.cache/helm/plugins
  subPath: v3
- name: {{ .Values.initPlugins.cacheVolumeName | quote }}
  mountPath: /root/.local/share/helm/plugins
  subPath: v3-config
{{- end -}}

{{/* One init container for each plugin of an enabled Helm version. */}}
{{- define "helm-operator.pluginContainers" -}}
{{- $root := . -}}
{{- $image := .Values.initPlugins.image -}}
{{- range $index, $one := .Values.initPlugins.plugins -}}
{{- $version := required "initPlugins.plugins[].helmVersion must be given" $one.helmVersion -}}
{{- $plugin := required "initPlugins.plugins[].plugin must be given" $one.plugin -}}
{{- if and (contains $version $root.Values.helm.versions) (ne $version "v2") }}
- name: {{ printf "helm-plugin-init-%02d" $index }}
  image: {{ required "initPlugins.image.repository must be given: an image with Helm in it, which ours is not" $image.repository }}
  {{- with $image.tag }}:{{ . }}{{ end }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  command: [helm, plugin, install, {{ $plugin | quote }}{{ with $one.version }}, --version, {{ . | quote }}{{ end }}]
  env:
    - {name: HOME, value: /root}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    {{- include "helm-operator.pluginMounts" $root | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
