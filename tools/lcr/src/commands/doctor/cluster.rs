//! `lcr doctor --cluster`: asks the cluster that `kubectl` points at how each service of a release is, and says what to
//! do. It reads, and changes nothing.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use lcr_model::ServiceName;
use serde_json::Value;
use tokio::{process::Command, time::timeout};

const PATIENCE: Duration = Duration::from_secs(15);

/// How one service is.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    service: &'static str,
    well: bool,
    words: String,
}

pub async fn run(namespace: &str, release: &str) -> Result<(), String> {
    let pods = kubectl(&["-n", namespace, "get", "pods", "-l", &label(release), "-o", "json"]).await?;
    let pods: Value = serde_json::from_str(&pods).map_err(|_| "kubectl answers no JSON".to_owned())?;
    let mut found = look(&pods);
    for one in &mut found {
        // Asked from inside the pod: the platform's own policies let nobody else in.
        let deployment = format!("deployment/{release}-{}", one.service);
        let ask = ["exec", &deployment, "--", "/app", "check", "http://127.0.0.1:9090/readyz"];
        let said = match kubectl(&[&["-n", namespace], ask.as_slice()].concat()).await {
            Ok(said) => degraded(&said),
            Err(why) => why.lines().last().unwrap_or_default().to_owned(),
        };
        one.words = format!("{}; {said}", one.words);
    }
    let ill = found.iter().filter(|one| !one.well).count();
    for one in &found {
        println!("{} {:<20} {}", if one.well { "ok   " } else { "FAIL " }, one.service, one.words);
    }
    if ill == 0 { Ok(()) } else { Err(format!("{ill} of {} services are not well", found.len())) }
}

fn label(release: &str) -> String {
    format!("app.kubernetes.io/instance={release}")
}

async fn kubectl(words: &[&str]) -> Result<String, String> {
    let asked = Command::new("kubectl").args(words).stdin(Stdio::null()).kill_on_drop(true).output();
    let answered = timeout(PATIENCE, asked).await.map_err(|_| "the cluster does not answer".to_owned())?;
    let output = answered.map_err(|_| "kubectl is not installed, or not on the path".to_owned())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// Every service, by its pods.
fn look(pods: &Value) -> Vec<Found> {
    let pods = pods["items"].as_array().map_or(&[][..], Vec::as_slice);
    ServiceName::ALL.iter().map(|service| service_of(pods, service.as_str())).collect()
}

fn service_of(pods: &[Value], service: &'static str) -> Found {
    let ours = |pod: &&Value| pod["metadata"]["labels"]["app.kubernetes.io/name"] == service;
    let pods: Vec<&Value> = pods.iter().filter(ours).collect();
    if pods.is_empty() {
        let words = "no pod: `helm status`, then the events of its Deployment".to_owned();
        return Found { service, well: false, words };
    }
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let waiting: BTreeSet<String> = pods.iter().flat_map(|pod| reasons(pod)).collect();
    let waiting: Vec<String> = waiting.into_iter().collect();
    let words = format!("{ready} of {} ready {}", pods.len(), waiting.join(", "));
    Found { service, well: ready == pods.len(), words: words.trim().to_owned() }
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

/// Why containers of a pod wait, with what to do about the usual ones.
fn reasons(pod: &Value) -> Vec<String> {
    let all = ["initContainerStatuses", "containerStatuses"];
    let statuses = all.iter().filter_map(|name| pod["status"][*name].as_array()).flatten();
    let named = statuses.filter_map(|one| {
        let reason = one["state"]["waiting"]["reason"].as_str()?;
        let advice = match reason {
            "CrashLoopBackOff" => "its log names the setting or the store",
            "ImagePullBackOff" | "ErrImagePull" => "the image is not where `image.registry` says",
            "CreateContainerConfigError" => "its Secret is missing: `new-keys`",
            _ => "`kubectl describe` says why",
        };
        Some(format!("{} {reason} ({advice})", one["name"].as_str().unwrap_or_default()))
    });
    named.collect()
}

/// What `/readyz` says is missing.
fn degraded(said: &str) -> String {
    // `check` prints the status before the body.
    let body = said.split_once(' ').map_or(said, |(_, body)| body);
    let Ok(said) = serde_json::from_str::<Value>(body) else { return "readiness does not read".to_owned() };
    let parts = said["parts"].as_object().into_iter().flatten();
    let missing: Vec<String> = parts
        .filter(|(_, state)| *state != "ready")
        .map(|(part, state)| format!("{part}: {}", state.as_str().unwrap_or_default()))
        .collect();
    if missing.is_empty() { "has all it needs".to_owned() } else { missing.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_service_is_told_of_with_what_to_do() {
        let pod = |service: &str, ready: &str, waiting: Value| {
            json!({ "metadata": { "labels": { "app.kubernetes.io/name": service } },
                    "status": { "conditions": [{ "type": "Ready", "status": ready }],
                                "containerStatuses": [{ "name": service, "state": waiting }] } })
        };
        let crash = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
        let pods = json!({ "items": [
            pod("audit", "True", json!({ "running": {} })),
            pod("consent", "True", json!({})),
            pod("consent", "False", crash),
        ] });
        let found = look(&pods);
        let of = |service| found.iter().find(|one| one.service == service).unwrap();
        assert_eq!((of("audit").well, of("audit").words.as_str()), (true, "1 of 1 ready"));
        assert!(!of("consent").well && of("consent").words.contains("1 of 2 ready consent CrashLoopBackOff"));
        assert!(of("feeds").words.starts_with("no pod"));
    }

    #[test]
    fn what_a_service_does_without_is_named() {
        let said = r#"200 {"ready":true,"parts":{"store":"ready","bus":"not connected"}}"#;
        assert_eq!(degraded(said), "bus: not connected");
        assert_eq!(degraded(r#"200 {"ready":true,"parts":{"store":"ready"}}"#), "has all it needs");
    }
}
