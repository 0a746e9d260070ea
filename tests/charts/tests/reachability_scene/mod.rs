//! A rendered release with all possible callers: its pods, its servers, neighbours and strangers in and outside the mesh,
//! hospitals. It says what each may reach, and must read that from the values alone.

use std::path::Path;

use lcr_charts_tests::{
    chart, documents, helm,
    objects::{list, of_kind, text},
    reachability::{Actor, Layer, external_actor, pod_actor},
};
use serde_json::Value;

/// A port of a callee.
pub struct Target {
    pub actor: Actor,
    pub port: u16,
    /// Whether the callee is outside the release. Then only calls of our own pods are checked.
    pub is_outside: bool,
}

pub struct Scene {
    pub objects: Vec<Value>,
    pub callers: Vec<Actor>,
    pub targets: Vec<Target>,
    values: Value,
}

const HOSPITAL: [u8; 4] = [10, 20, 0, 5];
const USED: [&str; 3] = ["postgres", "nats", "redis"];

impl Scene {
    /// Renders the chart with these values and adds the manifests of `k8s/`.
    pub fn of(file: &Path, set: &[String]) -> Self {
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let mut objects = helm::objects_with(file, &set).unwrap();
        for manifest in documents::manifest_files().unwrap() {
            objects.extend(documents::parse_file(&manifest).unwrap());
        }
        let values = merged(file, &set);
        let mut scene = Self { objects, callers: vec![], targets: vec![], values };
        scene.add_actors();
        scene
    }

    /// The layers to check: without `NetworkPolicies` or without a mesh there is only one.
    pub fn layers(&self) -> Vec<Layer> {
        match (self.is_true("/network/enabled"), self.has_mesh()) {
            (true, true) => vec![Layer::Network, Layer::Mesh, Layer::Both],
            (true, false) => vec![Layer::Both],
            _ => vec![Layer::Mesh],
        }
    }

    fn is_true(&self, pointer: &str) -> bool {
        self.values.pointer(pointer) == Some(&Value::Bool(true))
    }

    fn has_mesh(&self) -> bool {
        self.is_true("/mesh/enabled")
    }

    fn port(&self, of: &str) -> u16 {
        let output = self.values.pointer(&format!("/network/ports/{of}")).and_then(Value::as_u64);
        u16::try_from(output.unwrap()).unwrap()
    }

    /// Adds all callers and all ports that are checked.
    fn add_actors(&mut self) {
        let mut own = pods(&self.objects);
        for (at, pod) in own.iter_mut().enumerate() {
            pod.address = [10, 244, 0, u8::try_from(at + 1).unwrap()].into();
        }
        let stands_on: Vec<Actor> = USED.iter().map(|used| self.backing(used)).collect();
        let otlp = self.port("otlp");
        let ports: Vec<u16> = USED.iter().map(|used| self.port(used)).collect();
        let (collector, out) = (
            pod_actor("collector", "observability", &[], [10, 244, 3, 1], false),
            external_actor("internet", [203, 0, 113, 9]),
        );
        let api = external_actor(
            "api-server",
            if self.is_true("/trial/enabled") { [172, 18, 0, 2] } else { [10, 50, 0, 10] },
        );
        let gateway = [("gateway.networking.k8s.io/gateway-name", "egress")];
        let waypoint = pod_actor("waypoint", "lcr-egress", &gateway, [10, 244, 3, 2], true);
        let mut add = |actor: &Actor, port: u16, is_outside: bool| {
            self.targets.push(Target { actor: actor.clone(), port, is_outside });
        };
        for pod in &own {
            for port in [8080, 9090, 2575] {
                add(pod, port, false);
            }
        }
        for (actor, port) in stands_on.iter().zip(ports) {
            add(actor, port, false);
        }
        // The identity provider of a laptop, which only identity may call.
        let dex = [("app.kubernetes.io/name", "dex")];
        add(&pod_actor("dex", "lcr-backing", &dex, [10, 244, 4, 9], false), 5556, false);
        add(&waypoint, 15008, true);
        for (actor, port) in [(&collector, otlp), (&out, 443), (&api, 443)] {
            add(actor, port, true);
        }
        let neighbours = neighbours(self.has_mesh());
        self.callers = own.into_iter().chain(stands_on).chain(neighbours).collect();
    }

    /// The pod of a server in the namespace that the values name, in the mesh if that namespace is.
    fn backing(&self, used: &str) -> Actor {
        let at = self.values.pointer(&format!("/network/backing/{used}/0/namespaceSelector/matchLabels"));
        let namespace =
            at.map(|labels| text(labels, "/kubernetes.io~1metadata.name")).filter(|name| !name.is_empty()).unwrap();
        let of = of_kind(&self.objects, "Namespace").find(|one| text(one, "/metadata/name") == namespace);
        let label = of.map(|one| text(one, "/metadata/labels/istio.io~1dataplane-mode"));
        let labels =
            [("app.kubernetes.io/name", used), ("app.kubernetes.io/component", used), ("cnpg.io/cluster", "lcr")];
        let labels = if used == "postgres" { &labels[..] } else { &labels[..2] };
        let last = u8::try_from(USED.iter().position(|one| *one == used).unwrap()).unwrap();
        pod_actor(used, namespace, labels, [10, 244, 4, last], self.has_mesh() && label == Some("ambient"))
    }

    fn service(&self, name: &str) -> Option<Value> {
        if self.is_true("/allInOne/enabled") {
            return (name == "all-in-one").then(|| serde_json::json!({"uses": ["partners"]}));
        }
        self.values.pointer(&format!("/services/{name}")).cloned()
    }

    fn names(&self, service: &str, list_of: &str, what: &str) -> bool {
        self.service(service).is_some_and(|spec| list(&spec, &format!("/{list_of}")).iter().any(|one| one == what))
    }

    /// Whether the values name this pair, as far as the layer can distinguish it.
    pub fn is_meant(&self, layer: Layer, from: &Actor, to: &Actor, port: u16) -> bool {
        let of = |actor: &Actor| actor.account.strip_prefix("lcr-").unwrap_or("nobody").to_owned();
        let (caller, callee) = (of(from), of(to));
        let is_service = self.service(&callee).is_some();
        match (to.name.as_str(), port) {
            (_, 8080) if is_service => {
                self.names(&caller, "calls", &callee)
                    || (["gateway", "all-in-one"].contains(&callee.as_str())
                        && self.neighbour(layer, from, "ingress", "/route/inMesh"))
            }
            (_, 9090) if is_service => {
                caller == "test" || self.neighbour(layer, from, "monitoring", "/monitoring/inMesh")
            }
            (_, 2575) if is_service => {
                // A caller with an identity is no hospital, even at a hospital's address; the network layer cannot tell.
                let plain = layer == Layer::Network || !from.in_mesh;
                callee == "feeds" && self.is_true("/mllp/enabled") && at_hospital(from) && plain
            }
            ("postgres" | "nats" | "redis", _) => self.names(&caller, "uses", &to.name),
            ("dex", _) => self.is_true("/trial/enabled") && caller == "identity",
            ("collector", _) => !text(&self.values, "/otlpEndpoint").is_empty() && self.service(&caller).is_some(),
            ("api-server", _) => {
                let private = !self.has_mesh() && self.names(&caller, "uses", "partners") && self.allows_private();
                self.names(&caller, "uses", "kubernetes") || private
            }
            ("internet", _) => !self.has_mesh() && self.names(&caller, "uses", "partners"),
            ("waypoint", _) => self.has_mesh() && self.names(&caller, "uses", "partners"),
            _ => false,
        }
    }

    /// Whether `egressAllow` includes the API server's address. It opens the partners' port only.
    fn allows_private(&self) -> bool {
        let (wide, trial) = (list(&self.values, "/egressAllow"), self.is_true("/trial/enabled"));
        // A trial's API server is in 172.18.0.0/16.
        !trial && wide.iter().any(|range| range == "10.0.0.0/8")
    }

    /// A neighbour known by its namespace: in the mesh by identity, outside it in plain text from there.
    fn neighbour(&self, layer: Layer, from: &Actor, namespace: &str, in_mesh: &str) -> bool {
        let there = from.namespace.as_deref() == Some(namespace);
        match layer {
            _ if !self.has_mesh() => there,
            Layer::Network => there,
            // The mesh cannot restrict the origin of plain text.
            Layer::Mesh if !self.is_true(in_mesh) => !from.in_mesh,
            Layer::Mesh | Layer::Both => there && from.in_mesh == self.is_true(in_mesh),
        }
    }
}

fn at_hospital(from: &Actor) -> bool {
    from.address == std::net::IpAddr::from(HOSPITAL)
}

/// Neighbours and strangers, in the mesh and outside.
fn neighbours(has_mesh: bool) -> Vec<Actor> {
    let mut all = vec![];
    for (at, namespace) in ["ingress", "monitoring", "elsewhere", "lcr", "lcr-egress"].into_iter().enumerate() {
        for in_mesh in [true, false].into_iter().filter(|in_mesh| has_mesh || !in_mesh) {
            let name = format!("{namespace} {}", if in_mesh { "in the mesh" } else { "outside the mesh" });
            let address = [10, 244, 5, u8::try_from(2 * at + usize::from(in_mesh)).unwrap()];
            all.push(pod_actor(&name, namespace, &[("app.kubernetes.io/name", "stranger")], address, in_mesh));
        }
    }
    all.push(pod_actor("in the mesh at a hospital's address", "elsewhere", &[], HOSPITAL, has_mesh));
    all.push(external_actor("hospital", HOSPITAL));
    all.push(external_actor("somebody outside", [198, 51, 100, 7]));
    all
}

/// The release's pods, including its test pod.
fn pods(objects: &[Value]) -> Vec<Actor> {
    let mut all = vec![];
    for one in objects.iter().filter(|one| text(one, "/metadata/namespace") == "lcr") {
        let (labels, account) = match text(one, "/kind") {
            "Deployment" | "StatefulSet" => {
                (one.pointer("/spec/template/metadata/labels"), text(one, "/spec/template/spec/serviceAccountName"))
            }
            "Pod" => (one.pointer("/metadata/labels"), text(one, "/spec/serviceAccountName")),
            _ => continue,
        };
        let labels: Vec<(&str, &str)> = labels
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str().unwrap()))
            .collect();
        let in_mesh = labels.contains(&("istio.io/dataplane-mode", "ambient"));
        all.push(pod_actor(account, "lcr", &labels, [10, 244, 0, 0], in_mesh));
    }
    all
}

/// The values as helm merges them: the chart's, then a file's, then the overrides.
fn merged(file: &Path, set: &[&str]) -> Value {
    let mut values = documents::parse_single(&chart("values.yaml")).unwrap();
    over(&mut values, documents::parse_single(file).unwrap());
    for one in set {
        let (path, value) = one.split_once('=').unwrap();
        let parsed: Value = serde_json::from_str(value).unwrap();
        let nested = path.rsplit('.').fold(parsed, |inner, key| serde_json::json!({key: inner}));
        over(&mut values, nested);
    }
    values
}

fn over(values: &mut Value, more: Value) {
    match (values, more) {
        (Value::Object(values), Value::Object(more)) => {
            for (key, value) in more {
                over(values.entry(key).or_insert(Value::Null), value);
            }
        }
        (values, more) => *values = more,
    }
}
