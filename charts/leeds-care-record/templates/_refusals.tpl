{{/* Values that are refused although every key is known. Each message names the key and what to do. Included once. */}}
{{- define "lcr.refusals" -}}
{{- $v := .Values -}}
{{- $services := include "lcr.services" . | fromJson -}}
{{- /* Checks that need a cluster. They are skipped if the chart is only rendered. */ -}}
{{- if lookup "v1" "Namespace" "" "kube-system" -}}
{{- range $key, $needs := dict "mesh" "security.istio.io/v1" "route" "gateway.networking.k8s.io/v1" "monitoring" "monitoring.coreos.com/v1" -}}
{{- if and (index $v $key).enabled (not ($.Capabilities.APIVersions.Has $needs)) }}{{ fail (printf "%s.enabled is true, and this cluster has no %s: install it first (k8s/README.md), or set %s.enabled to false" $key $needs $key) }}{{ end -}}
{{- end -}}
{{- $egress := include "lcr.egressNamespace" . -}}
{{- if and $v.mesh.enabled (hasKey $services "operator") (not (lookup "v1" "Namespace" "" $egress)) }}{{ fail (printf "mesh.egressNamespace: there is no namespace %q; apply k8s/mesh first, or set mesh.enabled to false" $egress) }}{{ end -}}
{{- $partners := $v.partnerCredentials.namespace -}}
{{- if and $partners (hasKey $services "operator") (not (lookup "v1" "Namespace" "" $partners)) }}{{ fail (printf "partnerCredentials.namespace: there is no namespace %q; create it, with nothing but the Secrets of partners in it" $partners) }}{{ end -}}
{{- end -}}
{{- if eq $v.partnerCredentials.namespace .Release.Namespace }}{{ fail "partnerCredentials.namespace is the namespace of the release: the keys of all services are in it, and the operator would be able to read them; give partners' Secrets a namespace of their own" }}{{ end -}}
{{- if gt (len .Release.Name) 40 }}{{ fail (printf "the release name %q is too long: with a service's name after it, it must fit in 63 letters" .Release.Name) }}{{ end -}}
{{- if $v.defaults.digest }}{{ fail "defaults.digest: every service has its own image, so no digest fits all; set services.<name>.digest, and for all-in-one allInOne.digest" }}{{ end -}}
{{- if not $v.publicOrigin }}{{ fail "publicOrigin is missing: the public address of the portal, such as https://record.example.nhs.uk" }}{{ end -}}
{{- range $name, $spec := $services -}}
{{- range $spec.calls -}}
{{- if eq . $name }}{{ fail (printf "services.%s.calls names itself" $name) }}{{ end -}}
{{- if not (hasKey $services .) }}{{ fail (printf "services.%s.calls names %q, which is not an enabled service" $name .) }}{{ end -}}
{{- end -}}
{{- if and (gt (int $spec.autoscaling.max) 0) (lt (int $spec.autoscaling.max) (int $spec.replicas)) }}{{ fail (printf "services.%s.autoscaling.max is less than its replicas" $name) }}{{ end -}}
{{- end -}}
{{- if $v.allInOne.enabled -}}
{{- if or $v.trial.enabled $v.publicKeys }}{{ fail "allInOne.enabled together with trial.enabled or publicKeys: the one process makes its own keys" }}{{ end -}}
{{- if $v.mllp.enabled }}{{ fail "mllp.enabled together with allInOne.enabled: only the service feeds asks senders for certificates" }}{{ end -}}
{{- else if $v.trial.enabled -}}
{{- $live := list -}}
{{- if $v.publicKeys }}{{ $live = append $live "publicKeys" }}{{ end -}}
{{- if $v.mllp.enabled }}{{ $live = append $live "mllp.enabled" }}{{ end -}}
{{- range $name, $spec := $services }}{{ if $spec.existingSecret }}{{ $live = append $live (printf "services.%s.existingSecret" $name) }}{{ end }}{{ end -}}
{{- if $live }}{{ fail (printf "trial.enabled together with %s: trial keys let every pod sign as any service: they are for a laptop, never for a live platform" (join ", " $live)) }}{{ end -}}
{{- if not $v.trial.databaseUrl }}{{ fail "trial.databaseUrl is missing: one database for all, such as postgres://{service}@postgres.lcr-backing:5432/lcr" }}{{ end -}}
{{- else -}}
{{- if not $v.publicKeys }}{{ fail (printf "publicKeys is empty and trial.enabled is false: run `new-keys --namespace %s --prefix %s` for a Secret per service and the publicKeys to set, or set trial.enabled on a laptop" $.Release.Namespace $.Release.Name) }}{{ end -}}
{{- range $name, $_ := $services }}{{ if not (hasKey $v.publicKeys $name) }}{{ fail (printf "publicKeys has no key of %s, so no service would accept its tokens" $name) }}{{ end }}{{ end -}}
{{- if $v.trial.databaseUrl }}{{ fail "trial.databaseUrl is set but trial.enabled is false: a live platform has LCR_DATABASE_URL in each service's Secret" }}{{ end -}}
{{- end -}}
{{- if not $v.trial.enabled -}}
{{- if not $v.allInOne.enabled }}{{ range $v.providers }}{{ if or .organisation .role }}{{ fail (printf "providers: %s gives every user an organisation or a role, which is only for a laptop: trial.enabled is false" .issuer) }}{{ end }}{{ end }}{{ end -}}
{{- end -}}
{{- $live := not (or $v.trial.enabled $v.allInOne.enabled) -}}
{{- range $v.providers -}}
{{- if and (not $v.trial.enabled) (not (hasPrefix "https://" .issuer)) }}{{ fail (printf "providers: the issuer %s is not https: anybody on the network path could sign in as any user" .issuer) }}{{ end -}}
{{- end -}}
{{- $without := 0 -}}
{{- $callbacks := list -}}
{{- range $v.providers -}}
{{- if .callback }}{{ $callbacks = append $callbacks .callback }}{{ else }}{{ $without = add1 $without }}{{ end -}}
{{- end -}}
{{- if gt (int $without) 1 }}{{ fail "providers: two are without a `callback`: each provider needs its own return address, /auth/callback/<callback>, and only one may go without" }}{{ end -}}
{{- if ne (len $callbacks) (len (uniq $callbacks)) }}{{ fail "providers: two have the same `callback`: each provider needs its own return address" }}{{ end -}}
{{- if and $v.network.enabled (hasKey $services "operator") -}}
{{- $api := $v.network.kubernetesApi -}}
{{- if not $api }}{{ fail "network.kubernetesApi is empty: set the API server's addresses from `kubectl get endpoints kubernetes`; the operator reaches no others" }}{{ end -}}
{{- range $api }}{{ if and $live (hasSuffix "/0" ((.ipBlock).cidr | default "")) }}{{ fail (printf "network.kubernetesApi: %s is every address there is, which would let the operator call anything: set the API server's addresses" .ipBlock.cidr) }}{{ end }}{{ end -}}
{{- end -}}
{{- if $v.mesh.enabled -}}
{{- /* The mesh knows a neighbour by its namespace. A peer without one would make a rule that allows everybody. */ -}}
{{- $asks := "in the mesh callers are known by namespace, and one of these peers names none: add `namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: …}}`" -}}
{{- $edge := or $v.allInOne.enabled (hasKey $services "gateway") -}}
{{- if and $edge $v.route.inMesh (not (include "lcr.namespaces" $v.network.ingress | fromJsonArray)) }}{{ fail (printf "network.ingress with route.inMesh: %s, or set route.inMesh to false if the site's Gateway is outside" $asks) }}{{ end -}}
{{- if and $v.monitoring.inMesh (not (include "lcr.namespaces" $v.network.monitoring | fromJsonArray)) }}{{ fail (printf "network.monitoring with monitoring.inMesh: %s, or set monitoring.inMesh to false" $asks) }}{{ end -}}
{{- /* Plain text has no identity, so only the NetworkPolicy can restrict its origin. */ -}}
{{- if not $v.network.enabled -}}
{{- if not $v.monitoring.inMesh }}{{ fail "network.enabled and monitoring.inMesh are both false: any pod could reach the admin ports in plain text; set one of them to true" }}{{ end -}}
{{- if and $edge (not $v.route.inMesh) }}{{ fail "network.enabled and route.inMesh are both false: any pod could reach the gateway in plain text; set one of them to true" }}{{ end -}}
{{- end -}}
{{- end -}}
{{- with index $services "feeds" }}{{ if gt (int .autoscaling.max) 0 }}{{ fail "services.feeds.autoscaling: a second replica of feeds makes it slower (its commits run one at a time); set replicas, and leave autoscaling.max at 0" }}{{ end }}{{ end -}}
{{- if $v.mllp.enabled -}}
{{- if not $v.mllp.existingSecret }}{{ fail "mllp.existingSecret is missing: a Secret with tls.crt, tls.key and ca.crt" }}{{ end -}}
{{- if not $v.mllp.sourceRanges }}{{ fail "mllp.sourceRanges is empty: set the address ranges of the senders" }}{{ end -}}
{{- if not (hasKey $services "feeds") }}{{ fail "mllp.enabled needs the service feeds" }}{{ end -}}
{{- end -}}
{{- if $v.route.enabled -}}
{{- if not $v.route.parentRefs }}{{ fail "route.parentRefs is empty: name the site's Gateway" }}{{ end -}}
{{- if not (or $v.allInOne.enabled (hasKey $services "gateway")) }}{{ fail "route.enabled needs the service gateway" }}{{ end -}}
{{- end -}}
{{- end }}
