"""A fake API server for helm's lookups while it renders: API groups and objects. It has the objects that its arguments
name, prints its port, and must answer reads only.

cluster.py [GROUP/VERSION | namespaces/NAME | namespaces/NAME/secrets/NAME=KEY:VALUE]…
"""

import base64
import http.server
import json
import sys

VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.0"}
# Kubernetes' own kinds that the chart renders, by group and version: helm looks each up.
OWN = {
    "v1": ["Namespace", "Secret", "ServiceAccount", "ConfigMap", "Service", "Pod"],
    "apps/v1": ["Deployment", "StatefulSet"],
    "policy/v1": ["PodDisruptionBudget"],
    "coordination.k8s.io/v1": ["Lease"],
    "autoscaling/v2": ["HorizontalPodAutoscaler"],
    "networking.k8s.io/v1": ["NetworkPolicy"],
    "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    "apiextensions.k8s.io/v1": ["CustomResourceDefinition"],
}
# What marks an object as one that the release `lcr` made.
OWNED = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "lcr", "meta.helm.sh/release-namespace": "lcr"},
}
WIDE = ["Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"]


def kinds(version: str) -> dict:
    """The kinds of one group and version."""

    def told(kind: str) -> dict:
        plural = kind.lower().removesuffix("y") + ("ies" if kind.endswith("y") else "s")
        return {"name": plural, "singularName": "", "kind": kind, "namespaced": kind not in WIDE, "verbs": ["get"]}

    return {"kind": "APIResourceList", "groupVersion": version, "resources": [told(one) for one in OWN.get(version, [])]}


def group(version: str) -> dict:
    """One API group with one version, as discovery lists it."""
    told = {"groupVersion": version, "version": version.split("/")[1]}
    return {"name": version.split("/")[0], "versions": [told], "preferredVersion": told}


def held(arguments: list) -> dict:
    """What each path answers."""
    answers = {
        "/version": VERSION,
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/api/v1": kinds("v1"),
        "/api/v1/namespaces/kube-system": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}},
    }
    versions = [one for one in OWN if "/" in one] + [one for one in arguments if not one.startswith("namespaces/")]
    for version in versions:
        answers[f"/apis/{version}"] = kinds(version)
    answers["/apis"] = {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group(one) for one in versions]}
    for argument in set(arguments) - set(versions):
        path, _, data = argument.partition("=")
        key, _, value = data.partition(":")
        named = {"name": path.split("/")[-1], **OWNED}
        found = {"apiVersion": "v1", "kind": "Secret" if data else "Namespace", "metadata": named}
        if data:
            found["data"] = {key: base64.b64encode(value.encode()).decode()}
        answers[f"/api/v1/{path}"] = found
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers what is held, and 404 for all else."""

    answers = held(sys.argv[1:])

    def do_GET(self):  # the name is the library's
        found = self.answers.get(self.path.partition("?")[0])
        missing = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        body = json.dumps(found or missing).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
