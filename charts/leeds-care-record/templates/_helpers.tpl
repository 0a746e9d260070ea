{{/* Shared parts of the templates: the services, their names, their settings. Nothing here renders an object. */}}

{{/* The labels of one service (.root, .name), on one line so that they fit anywhere. They also select its pods. */}}
{{- define "lcr.labels" -}}
{{ dict "app.kubernetes.io/name" .name "app.kubernetes.io/instance" .root.Release.Name "app.kubernetes.io/part-of" "leeds-care-record" | toJson }}
{{- end }}

{{/* The labels of its pods. They set the mesh mode explicitly, whatever the namespace's label says: on a pod outside the
     mesh by mistake no mesh rule would be enforced. */}}
{{- define "lcr.podLabels" -}}
{{ merge (dict "istio.io/dataplane-mode" (.root.Values.mesh.enabled | ternary "ambient" "none")) (include "lcr.labels" . | fromJson) | toJson }}
{{- end }}

{{/* metadata of an object of one service: (.root, .name). */}}
{{- define "lcr.meta" -}}
{name: {{ .root.Release.Name }}-{{ .name }}, namespace: {{ .root.Release.Namespace }}, labels: {{ include "lcr.labels" . }}}
{{- end }}

{{/* Every enabled service with the defaults merged in: name → spec. Defaults are resolved only here. */}}
{{- define "lcr.services" -}}
{{- $out := dict -}}
{{- if .Values.allInOne.enabled -}}
{{- $own := dict "replicas" 1 "uses" (list "partners") "resources" .Values.allInOne.resources "digest" .Values.allInOne.digest -}}
{{- $_ := set $out "all-in-one" (mergeOverwrite (deepCopy .Values.defaults) $own) -}}
{{- else -}}
{{- range $name, $service := .Values.services -}}
{{- $spec := mergeOverwrite (deepCopy $.Values.defaults) (deepCopy ($service | default dict)) -}}
{{- if $spec.enabled }}{{ $_ := set $out $name $spec }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toJson $out -}}
{{- end }}

{{/* The services that may call .name, of .services. */}}
{{- define "lcr.callers" -}}
{{- $callers := list -}}
{{- range $name, $spec := .services }}{{ if has $.name $spec.calls }}{{ $callers = append $callers $name }}{{ end }}{{ end -}}
{{- toJson $callers -}}
{{- end }}

{{- define "lcr.egressNamespace" -}}
{{ .Values.mesh.egressNamespace | default (printf "%s-egress" .Release.Namespace) }}
{{- end }}

{{- define "lcr.trialSecret" -}}
{{ .Values.trial.existingSecret | default (printf "%s-trial" .Release.Name) }}
{{- end }}

{{- define "lcr.image" -}}
{{- $v := .root.Values.image -}}
{{ $v.registry }}/{{ .name }}{{ if .spec.digest }}@{{ .spec.digest }}{{ else }}:{{ $v.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The private ranges that a service may call. The mesh resolves partners' names to its own addresses, which our clients
     would otherwise refuse as private. */}}
{{- define "lcr.egressAllow" -}}
{{- $v := .root.Values -}}
{{ and $v.mesh.enabled (ne .name "all-in-one") | ternary (concat $v.egressAllow (list "240.240.0.0/16" "2001:2::/48")) $v.egressAllow | toJson }}
{{- end }}

{{/* The settings of one service as TOML: only those it uses, because it refuses unknown ones. toJson of a string, a
     number or a list of strings is also TOML. Tables come last. all-in-one reads only the providers and the registry from
     its file, and everything else from the environment. */}}
{{- define "lcr.config" -}}
{{- $v := .root.Values -}}
# Settings of {{ .name }}, made by the chart. Secrets come from the environment, which overrides this file.
{{- if ne .name "all-in-one" }}
log = {{ toJson $v.log }}
{{- with $v.otlpEndpoint }}
otlp_endpoint = {{ toJson . }}
{{- end }}
listen = "0.0.0.0:8080"
admin_listen = "0.0.0.0:9090"
{{- with .spec.connectionsPerPeer }}
connections_per_peer = {{ int . }}
{{- end }}
{{- if has "nats" .spec.uses }}
bus_url = {{ toJson $v.bus.url }}
bus_replicas = {{ int $v.bus.replicas }}
{{- end }}
{{- if has "redis" .spec.uses }}
cache_url = {{ toJson $v.cache.url }}
{{- end }}
{{- if and $v.trial.enabled (has "postgres" .spec.uses) }}
database_url = {{ $v.trial.databaseUrl | replace "{service}" (.name | replace "-" "_") | toJson }}
{{- end }}
{{- range .spec.calls }}
{{ replace "-" "_" . }}_url = "http://{{ $.root.Release.Name }}-{{ . }}:8080"
{{- end }}
{{- if has .name (list "gateway" "identity") }}
public_origin = {{ toJson $v.publicOrigin }}
{{- end }}
{{- if eq .name "patient-index" }}
searches_per_minute = {{ int $v.searchesPerMinute }}
{{- end }}
{{- if and (eq .name "consent") (ne $v.overridePolicy "no-override") }}
override_policy = {{ toJson $v.overridePolicy }}
{{- end }}
{{- if eq .name "record-aggregation" }}
deadline_ms = {{ int $v.deadlineMs }}
{{- end }}
{{- if has "partners" .spec.uses }}
egress_allow = {{ include "lcr.egressAllow" . }}
{{- end }}
{{- if and (eq .name "feeds") $v.mllp.enabled }}
mllp_listen = "0.0.0.0:2575"
mllp_certificate = "/etc/lcr/mllp/tls.crt"
mllp_key = "/etc/lcr/mllp/tls.key"
mllp_client_ca = "/etc/lcr/mllp/ca.crt"
{{- end }}
{{- if eq .name "operator" }}
{{- if $v.mesh.enabled }}
egress_namespace = {{ include "lcr.egressNamespace" .root | toJson }}
{{- end }}
{{- with $v.partnerCredentials.namespace }}
credentials_namespace = {{ toJson . }}
{{- end }}
lease_namespace = {{ toJson .root.Release.Namespace }}
application_namespace = {{ toJson .root.Release.Namespace }}
service_account_prefix = "{{ .root.Release.Name }}-"
trust_domain = {{ toJson $v.mesh.trustDomain }}
{{- end }}
{{- with $v.publicKeys }}

[public_keys]
{{- range $service, $keys := . }}
{{ $service }} = {{ toJson $keys }}
{{- end }}
{{- end }}
{{- end }}
{{- if has .name (list "identity" "all-in-one") }}
{{- range $v.providers }}

[[providers]]
{{- range $key, $value := . }}
{{ $key }} = {{ toJson $value }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq .name "all-in-one" }}
{{- range $rows, $all := $v.allInOne.registry }}{{ if $all }}
{{ dict $rows $all | toToml }}
{{- end }}{{ end }}
{{- end }}
{{- end }}

{{/* One variable from a service's Secret. With .optional it may be missing there. */}}
{{- define "lcr.secretVariable" -}}
- {name: {{ .key }}, valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}{{ if .optional }}, optional: true{{ end }}}}}
{{- end }}

{{/* The environment of one container. Only with .migrates does it get the credentials that change the schema. */}}
{{- define "lcr.env" -}}
- {name: LCR_CONFIG, value: /etc/lcr/config/config.toml}
{{- with .root.Values.trustBundle }}
{{- if .configMap }}
- {name: SSL_CERT_FILE, value: {{ printf "/etc/lcr/trust/%s" .key | toJson }}}
{{- end }}
{{- end }}
{{- if eq .name "all-in-one" }}
- {name: LCR_DATA_DIR, value: /data}
- {name: LCR_LISTEN, value: 0.0.0.0}
- {name: LCR_PORT, value: "8080"}
- {name: LCR_PUBLIC_ORIGIN, value: {{ toJson .root.Values.publicOrigin }}}
{{- if ne .root.Values.overridePolicy "no-override" }}
- {name: LCR_OVERRIDE_POLICY, value: {{ toJson .root.Values.overridePolicy }}}
{{- end }}
- {name: LCR_LOG, value: {{ toJson .root.Values.log }}}
{{- with include "lcr.egressAllow" . | fromJsonArray }}
- {name: LCR_EGRESS_ALLOW, value: {{ join "," . | toJson }}}
{{- end }}
{{- with .root.Values.otlpEndpoint }}
- {name: LCR_OTLP_ENDPOINT, value: {{ toJson . }}}
{{- end }}
{{- else if .root.Values.trial.enabled }}
{{ include "lcr.secretVariable" (dict "key" "LCR_TRIAL_KEY" "secret" (include "lcr.trialSecret" .root)) }}
{{- else }}
{{- $secret := .spec.existingSecret | default (printf "%s-%s" .root.Release.Name .name) }}
{{ include "lcr.secretVariable" (dict "key" "LCR_SIGNING_KEY" "secret" $secret) }}
{{- if not (has .name (list "operator" "audit")) }}
{{ include "lcr.secretVariable" (dict "key" "LCR_DATA_KEY" "secret" $secret) }}
{{- end }}
{{- if eq .name "audit" }}
{{ include "lcr.secretVariable" (dict "key" "LCR_LOG_KEY" "secret" $secret) }}
{{- end }}
{{- if has "postgres" .spec.uses }}
{{ include "lcr.secretVariable" (dict "key" "LCR_DATABASE_URL" "secret" $secret) }}
{{- if .migrates }}
{{ include "lcr.secretVariable" (dict "key" "LCR_MIGRATE_DATABASE_URL" "secret" $secret "optional" true) }}
{{- end }}
{{- end }}
{{- if has "nats" .spec.uses }}
{{ include "lcr.secretVariable" (dict "key" "LCR_BUS_URL" "secret" $secret "optional" true) }}
{{- end }}
{{- if has "redis" .spec.uses }}
{{ include "lcr.secretVariable" (dict "key" "LCR_CACHE_URL" "secret" $secret "optional" true) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The Pod Security standard `restricted`, and a read-only root. */}}
{{- define "lcr.containerSecurity" -}}
{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
{{- end }}

{{- define "lcr.podSecurity" -}}
{runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, fsGroupChangePolicy: OnRootMismatch, seccompProfile: {type: RuntimeDefault}}
{{- end }}

{{/* The part that a service's init container and main container share. */}}
{{- define "lcr.container" -}}
image: {{ include "lcr.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext: {{ include "lcr.containerSecurity" . }}
resources: {{ toJson .spec.resources }}
env:
  {{- include "lcr.env" . | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/lcr/config, readOnly: true}
  {{- if .root.Values.trustBundle.configMap }}
  - {name: trust, mountPath: /etc/lcr/trust, readOnly: true}
  {{- end }}
  {{- if and (eq .name "feeds") .root.Values.mllp.enabled }}
  - {name: mllp, mountPath: /etc/lcr/mllp, readOnly: true}
  {{- end }}
  {{- if eq .name "all-in-one" }}
  - {name: data, mountPath: /data}
  {{- end }}
{{- end }}

{{/* Ports of a NetworkPolicy, from a list of numbers. */}}
{{- define "lcr.tcp" -}}
[{{ range $at, $port := . }}{{ if $at }}, {{ end }}{port: {{ int $port }}, protocol: TCP}{{ end }}]
{{- end }}

{{/* The namespaces of a list of peers, or an empty list if one peer names none. */}}
{{- define "lcr.namespaces" -}}
{{- $names := list -}}
{{- $all := true -}}
{{- range . -}}
{{- $name := index ((.namespaceSelector).matchLabels | default dict) "kubernetes.io/metadata.name" -}}
{{- if $name }}{{ $names = append $names $name }}{{ else }}{{ $all = false }}{{ end -}}
{{- end -}}
{{- $all | ternary $names list | toJson -}}
{{- end }}

{{/* A rule of an AuthorizationPolicy for neighbours outside this release. In the mesh it names their namespaces
     (`lcr.refusals` requires one for each). Otherwise it allows only plain text, and the NetworkPolicy restricts the
     address at the real port. It must never be without `from`. */}}
{{- define "lcr.allowNeighbours" -}}
{{- if .inMesh -}}
- from: [{source: {namespaces: {{ include "lcr.namespaces" .peers }}}}]
{{- else -}}
- from: [{source: {notPrincipals: ["*"]}}]
{{- end }}
  to: [{operation: {ports: [{{ .port | quote }}]}}]
{{- end }}
