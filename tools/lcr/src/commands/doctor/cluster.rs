//! `lcr doctor --cluster`: asks the cluster that `kubectl` points at how each service of a release is, and says what to
//! do. It reads, and changes nothing.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{process::Command, time::timeout};

const PATIENCE: Duration = Duration::from_secs(15);

/// How one service is.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    service: String,
    well: bool,
    words: String,
    /// Those that run, whatever they say of themselves.
    pods: Vec<String>,
}

/// What a command said.
struct Told {
    stdout: String,
    /// Its last line.
    stderr: String,
}

pub async fn run(namespace: &str, release: &str) -> Result<(), String> {
    let list = |what: &'static str| async move {
        let told = kubectl(&["-n", namespace, "get", what, "-l", &label(release), "-o", "json"]).await?;
        serde_json::from_str::<Value>(&told.stdout).map_err(|_| "kubectl answers no JSON".to_owned())
    };
    let (workloads, pods) = (list("deployments,statefulsets").await?, list("pods").await?);
    let found = look(&workloads, &pods);
    if found.is_empty() {
        return Err(format!(
            "there is no release {release} in {namespace}: name it with --release and --namespace"
        ));
    }
    for one in &found {
        println!("{} {:<20} {}", if one.well { "ok   " } else { "FAIL " }, one.service, one.words);
        for pod in &one.pods {
            // Asked from inside the pod: the platform's own policies let nobody else in.
            let ask = ["-n", namespace, "exec", pod, "--", "/app", "check", "http://127.0.0.1:9090/readyz"];
            let said = match kubectl(&ask).await {
                Ok(told) => readiness(&told.stdout).unwrap_or(told.stderr),
                Err(why) => why,
            };
            println!("      {pod}: {said}");
        }
    }
    let ill = found.iter().filter(|one| !one.well).count();
    if ill == 0 { Ok(()) } else { Err(format!("{ill} of {} services are not well", found.len())) }
}

fn label(release: &str) -> String {
    format!("app.kubernetes.io/instance={release}")
}

/// An `exec` fails with what it runs, which has said why by then; anything else that fails has said nothing.
async fn kubectl(words: &[&str]) -> Result<Told, String> {
    let asked = Command::new("kubectl").args(words).stdin(Stdio::null()).kill_on_drop(true).output();
    let answered = timeout(PATIENCE, asked).await.map_err(|_| "the cluster does not answer".to_owned())?;
    let output = answered.map_err(|_| "kubectl is not installed, or not on the path".to_owned())?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    // `kubectl exec` ends with its own word on what it ran, which says nothing.
    let mut words =
        stderr.lines().filter(|line| !line.starts_with("command terminated") && !line.trim().is_empty());
    let stderr = words.next_back().unwrap_or_default().trim().to_owned();
    if output.status.success() || !stdout.is_empty() {
        return Ok(Told { stdout, stderr });
    }
    if stderr.contains("connection to the server") || stderr.contains("not refer to a cluster") {
        return Err(format!("kubectl reaches no cluster: set KUBECONFIG or a context ({stderr})"));
    }
    Err(stderr)
}

/// Everything the release runs, by its pods: each service, or all of them in one.
fn look(workloads: &Value, pods: &Value) -> Vec<Found> {
    let pods = items(pods);
    let name = |one: &Value| one["metadata"]["labels"]["app.kubernetes.io/name"].as_str().map(str::to_owned);
    let names: BTreeSet<String> = items(workloads).iter().filter_map(name).collect();
    names.into_iter().map(|name| service_of(pods, name)).collect()
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

fn service_of(pods: &[Value], service: String) -> Found {
    let ours = |pod: &&Value| pod["metadata"]["labels"]["app.kubernetes.io/name"] == service.as_str();
    let pods: Vec<&Value> = pods.iter().filter(ours).collect();
    if pods.is_empty() {
        let words = "no pod: `helm status`, then the events of its Deployment".to_owned();
        return Found { service, well: false, words, pods: vec![] };
    }
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let waiting: BTreeSet<String> = pods.iter().flat_map(|pod| reasons(pod)).collect();
    let waiting: Vec<String> = waiting.into_iter().collect();
    let words = format!("{ready} of {} ready {}", pods.len(), waiting.join(", "));
    let running = pods.iter().filter(|pod| pod["status"]["phase"] == "Running");
    let running = running.filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned)).collect();
    Found { service, well: ready == pods.len(), words: words.trim().to_owned(), pods: running }
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

/// What `/readyz` says is missing; `None` when that is not what was said.
fn readiness(said: &str) -> Option<String> {
    // `check` prints the status before the body.
    let (_, body) = said.trim().split_once(' ')?;
    let said = serde_json::from_str::<Value>(body).ok()?;
    if let Some(missing) = said["missing"].as_str() {
        return Some(missing.to_owned());
    }
    let parts = said["parts"].as_object()?.iter();
    let missing: Vec<String> = parts
        .filter(|(_, state)| *state != "ready")
        .map(|(part, state)| format!("{part}: {}", state.as_str().unwrap_or_default()))
        .collect();
    Some(if missing.is_empty() { "has all it needs".to_owned() } else { missing.join(", ") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(service: &str, ready: &str, waiting: &Value) -> Value {
        json!({ "metadata": { "name": format!("lcr-{service}-1"), "labels": { "app.kubernetes.io/name": service } },
                "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }],
                            "containerStatuses": [{ "name": service, "state": waiting }] } })
    }

    fn workloads(names: &[&str]) -> Value {
        let one = |name: &&str| json!({ "metadata": { "labels": { "app.kubernetes.io/name": name } } });
        json!({ "items": names.iter().map(one).collect::<Vec<_>>() })
    }

    #[test]
    fn each_service_of_the_release_is_told_of_with_what_to_do() {
        let crash = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
        let pods = json!({ "items": [
            pod("audit", "True", &json!({ "running": {} })),
            pod("consent", "True", &json!({})),
            pod("consent", "False", &crash),
        ] });
        let found = look(&workloads(&["audit", "consent", "feeds"]), &pods);
        let of = |service| found.iter().find(|one| one.service == service).unwrap();
        assert_eq!((of("audit").well, of("audit").words.as_str()), (true, "1 of 1 ready"));
        assert!(!of("consent").well && of("consent").words.contains("1 of 2 ready consent CrashLoopBackOff"));
        assert_eq!(of("consent").pods.len(), 2, "each is asked, the one that is not ready too");
        assert!(of("feeds").words.starts_with("no pod"));
        assert_eq!(found.len(), 3, "what is not part of the release is not missed");
    }

    #[test]
    fn a_release_in_one_pod_is_told_of_as_one() {
        let pods = json!({ "items": [pod("all-in-one", "True", &json!({}))] });
        let found = look(&workloads(&["all-in-one"]), &pods);
        assert_eq!((found.len(), found[0].well), (1, true));
        assert!(look(&workloads(&[]), &pods).is_empty());
    }

    #[test]
    fn what_a_service_lacks_or_does_without_is_named() {
        let said = |text: &str| readiness(text).unwrap_or_default();
        let lacks = r#"200 {"ready":true,"parts":{"store":"ready","bus":"not connected"}}"#;
        assert_eq!(said(lacks), "bus: not connected");
        assert_eq!(said(r#"200 {"ready":true,"parts":{"store":"ready"}}"#), "has all it needs");
        assert_eq!(
            said("503 {\"ready\":false,\"missing\":\"store: no connection\"}\n"),
            "store: no connection"
        );
        assert_eq!(readiness("command terminated"), None);
    }
}
