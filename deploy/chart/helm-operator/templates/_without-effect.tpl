{{/* Values that mean nothing any more and were given all the same: a line each. */}}
{{- define "helm-operator.withoutEffect" -}}
{{- $v := .Values -}}
{{- $tls := $v.tls -}}
{{- if contains "v2" $v.helm.versions }}
helm.versions: Helm 2 is not run; HelmReleases with helmVersion v2 are refused, those without are of Helm 3
{{- end }}
{{- if or $v.tillerHost (ne (toString $v.tillerPort) "44134") (ne (toString $v.tillerNamespace) "kube-system") }}
tillerHost, tillerPort, tillerNamespace: Helm 2 is not run
{{- end }}
{{- if or $tls.enable $tls.verify $tls.caContent $tls.hostname (ne $tls.secretName "helm-client-certs") (ne $tls.keyFile "tls.key") (ne $tls.certFile "tls.crt") }}
tls: it was for Tiller; Helm 2 is not run
{{- end }}
{{- if or $v.tillerSidecar.enabled $v.tillerSidecar.image.repository $v.tillerSidecar.image.tag (ne $v.tillerSidecar.storage "secret") }}
tillerSidecar: Helm 2 is not run
{{- end }}
{{- if or $v.convert.tillerOutCluster (ne $v.convert.releaseStorage "secrets") }}
convert: releases of Helm 2 are not converted
{{- end }}
{{- if $v.containerSecurityContext.tiller }}
containerSecurityContext.tiller: Helm 2 is not run
{{- end }}
{{- if ne (toString $v.statusUpdateInterval) "30s" }}
statusUpdateInterval: status is written when it changes
{{- end }}
{{- if ne $v.configureRepositories.cacheVolumeName "repositories-cache" }}
configureRepositories.cacheVolumeName: indexes are kept with the charts, in /tmp
{{- end }}
{{- if or $v.git.ssh.configMapName (ne $v.git.ssh.configMapKey "config") }}
git.ssh.configMapName, git.ssh.configMapKey: no SSH configuration is read; give a HelmRelease its own key with spec.chart.secretRef
{{- end }}
{{- if or $v.git.config.enabled $v.git.config.secretName $v.git.config.data (not $v.git.config.createSecret) }}
git.config: no Git configuration is read; give credentials with spec.chart.secretRef
{{- end }}
{{- if $v.rbac.pspEnabled }}
rbac.pspEnabled: Kubernetes has no PodSecurityPolicies any more
{{- end }}
{{- end -}}
