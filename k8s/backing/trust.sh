#!/bin/sh
# Creates dex's certificate (the Secret `dex` in lcr-backing) and the CA by which the services trust it (the ConfigMap
# `lcr-trust` in lcr). Run again, it changes nothing unless one of them is missing or expires within a day. The CA's key is
# deleted, so it signs only once. Only for a laptop.
set -eu

has() { kubectl -n lcr-backing get secret dex --output="jsonpath={.data['$1']}" 2>/dev/null | openssl base64 -d -A; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

has 'tls\.crt' >tls.crt || true
if [ -s tls.crt ] && openssl x509 -in tls.crt -noout -checkend 86400 >/dev/null; then
  has 'ca\.crt' >ca.crt
else
  # A CA and a separate certificate, because clients that check names do not accept a CA as a server.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=lcr laptop" -keyout ca.key -out ca.crt
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=dex -keyout tls.key -out dex.csr
  echo "subjectAltName=DNS:dex.lcr-backing" >dex.ext
  openssl x509 -req -in dex.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile dex.ext -out tls.crt
  kubectl -n lcr-backing create secret generic dex --type=kubernetes.io/tls --dry-run=client --output=yaml \
    --from-file=tls.crt --from-file=tls.key --from-file=ca.crt | kubectl apply -f -
  echo "dex and identity read certificates when they start: restart them if they are running"
fi
kubectl -n lcr create configmap lcr-trust --dry-run=client --output=yaml --from-file=ca.crt | kubectl apply -f -
