{{/* Names and labels. */}}
{{- define "tocsin.name" -}}
{{- if contains "tocsin" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-tocsin" (.Release.Name | trunc 45 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "tocsin.selector" -}}
app.kubernetes.io/name: tocsin
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tocsin.labels" -}}
{{ include "tocsin.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Whatever would make the daemon refuse its configuration is said here, before anything is installed. */}}
{{- define "tocsin.check" -}}
{{- $http := dig "serve" "http" (dict) .Values.config }}
{{- $listen := get $http "listen" | default "" }}
{{- $loopback := or (eq $listen "") (hasPrefix "127." $listen) (hasPrefix "[::1]" $listen) (hasPrefix "localhost:" $listen) }}
{{- if .Values.metrics.enabled }}
{{- if $loopback }}{{ fail (printf "metrics.enabled needs config.serve.http.listen: \"0.0.0.0:%d\", or nobody can reach the port" (int .Values.metrics.port)) }}{{ end }}
{{- if not (hasSuffix (printf ":%d" (int .Values.metrics.port)) $listen) }}{{ fail (printf "config.serve.http.listen (%s) and metrics.port (%d) name different ports" $listen (int .Values.metrics.port)) }}{{ end }}
{{- if not (and (get $http "tls") (get $http "token_file")) }}{{ fail "config.serve.http listens beyond loopback: it needs tls and token_file, else the daemon refuses to start" }}{{ end }}
{{- else if not $loopback }}{{ fail "config.serve.http.listen is beyond loopback: set metrics.enabled" }}
{{- end }}
{{- if regexMatch "(?m)^\\s*(- )?(password|bearer_token|signing_key):" (toYaml .Values.config) }}{{ fail "config holds a secret in clear, and a ConfigMap is no place for it: use password_file, bearer_token_file or signing_key_file with a file of existingSecret" }}{{ end }}
{{- if and (contains "/etc/tocsin/secrets/" (toYaml .Values.config)) (not .Values.existingSecret) }}{{ fail "config names files below /etc/tocsin/secrets: set existingSecret" }}{{ end }}
{{- end }}
