//! Reads parts of Kubernetes objects; a missing part is empty. What a part should be is decided in the tests, never here.

use serde_json::Value;

/// The text at a JSON pointer, or an empty one.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a JSON pointer, or an empty one.
pub fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The `Kind/name` of an object for messages.
pub fn title(object: &Value) -> String {
    format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"))
}

/// The objects of one kind.
pub fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| text(object, "/kind") == kind)
}

/// The service that an object belongs to.
pub fn service(object: &Value) -> &str {
    text(object, "/metadata/labels/app.kubernetes.io~1name")
}

/// The service that a selector or peer selects by its labels.
pub fn selected<'a>(selector: &'a Value, pointer: &str) -> &'a str {
    text(selector, &format!("{pointer}/matchLabels/app.kubernetes.io~1name"))
}

/// The settings file of a workload's service, which its pods carry as an annotation.
pub fn settings(workload: &Value) -> &str {
    text(workload, "/spec/template/metadata/annotations/leedscarerecord.uk~1config")
}

/// The long-running workloads, which need a disruption budget and a policy.
pub fn workloads(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects.iter().filter(|object| matches!(text(object, "/kind"), "Deployment" | "StatefulSet"))
}

/// The title and the pod specification of every workload and pod.
pub fn pods(objects: &[Value]) -> impl Iterator<Item = (String, &Value)> {
    objects.iter().filter_map(|object| {
        let at = match text(object, "/kind") {
            "Deployment" | "StatefulSet" | "Job" | "DaemonSet" => "/spec/template/spec",
            "Pod" => "/spec",
            _ => return None,
        };
        object.pointer(at).map(|spec| (title(object), spec))
    })
}

/// The containers of a pod, including init containers.
pub fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/initContainers").iter().chain(list(pod, "/containers"))
}

/// The ports of a rule of a `NetworkPolicy`.
pub fn ports(rule: &Value) -> Vec<i64> {
    list(rule, "/ports").iter().filter_map(|port| port.pointer("/port").and_then(Value::as_i64)).collect()
}
