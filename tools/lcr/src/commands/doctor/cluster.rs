//! `lcr doctor --cluster`: checks each service of a release in the cluster that `kubectl` points at, and says what to do
//! about failures. It must never change anything.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{process::Command, time::timeout};

const KUBECTL_TIMEOUT: Duration = Duration::from_secs(15);

/// The health of one service.
#[derive(Debug, PartialEq, Eq)]
struct ServiceHealth {
    service: String,
    is_healthy: bool,
    summary: String,
    /// The names of the running pods, ready or not.
    pods: Vec<String>,
}

/// The output of a command.
struct CommandOutput {
    stdout: String,
    /// The last line only.
    stderr: String,
}

pub async fn run(namespace: &str, release: &str) -> Result<(), String> {
    let list = |what: &'static str| async move {
        let output = kubectl(&["-n", namespace, "get", what, "-l", &label(release), "-o", "json"]).await?;
        serde_json::from_str::<Value>(&output.stdout).map_err(|_| "kubectl did not answer with JSON".to_owned())
    };
    let (workloads, pods) = (list("deployments,statefulsets").await?, list("pods").await?);
    let services = check_services(&workloads, &pods);
    if services.is_empty() {
        return Err(format!("there is no release {release} in {namespace}: name it with --release and --namespace"));
    }
    for service in &services {
        let status = if service.is_healthy { "ok   " } else { "FAIL " };
        println!("{status} {:<20} {}", service.service, service.summary);
        for pod in &service.pods {
            // The check runs inside the pod, because the network policies allow no other caller.
            let check = ["-n", namespace, "exec", pod, "--", "/app", "check", "http://127.0.0.1:9090/readyz"];
            let readiness = match kubectl(&check).await {
                Ok(output) => missing_parts(&output.stdout).unwrap_or(output.stderr),
                Err(error) => error,
            };
            println!("      {pod}: {readiness}");
        }
    }
    let failures = services.iter().filter(|service| !service.is_healthy).count();
    if failures == 0 { Ok(()) } else { Err(format!("{failures} of {} services are not healthy", services.len())) }
}

fn label(release: &str) -> String {
    format!("app.kubernetes.io/instance={release}")
}

/// Runs `kubectl`. A failed `exec` that printed something is a result, because its output is the answer of the pod.
async fn kubectl(words: &[&str]) -> Result<CommandOutput, String> {
    let output = Command::new("kubectl").args(words).stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(KUBECTL_TIMEOUT, output).await.map_err(|_| "the cluster does not answer".to_owned())?;
    let output = output.map_err(|_| "kubectl is not installed, or not on the path".to_owned())?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    // `kubectl exec` ends with a line of its own that carries no information.
    let mut lines = stderr.lines().filter(|line| !line.starts_with("command terminated") && !line.trim().is_empty());
    let stderr = lines.next_back().unwrap_or_default().trim().to_owned();
    if output.status.success() || !stdout.is_empty() {
        return Ok(CommandOutput { stdout, stderr });
    }
    if stderr.contains("connection to the server") || stderr.contains("not refer to a cluster") {
        return Err(format!("kubectl cannot reach a cluster: set KUBECONFIG or a context ({stderr})"));
    }
    Err(stderr)
}

/// The health of each workload of the release: each service, or the one that runs all of them.
fn check_services(workloads: &Value, pods: &Value) -> Vec<ServiceHealth> {
    let pods = items(pods);
    let name = |one: &Value| one["metadata"]["labels"]["app.kubernetes.io/name"].as_str().map(str::to_owned);
    let names: BTreeSet<String> = items(workloads).iter().filter_map(name).collect();
    names.into_iter().map(|name| check_service(pods, name)).collect()
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

fn check_service(pods: &[Value], service: String) -> ServiceHealth {
    let ours = |pod: &&Value| pod["metadata"]["labels"]["app.kubernetes.io/name"] == service.as_str();
    let pods: Vec<&Value> = pods.iter().filter(ours).collect();
    if pods.is_empty() {
        let words = "no pod: `helm status`, then the events of its Deployment".to_owned();
        return ServiceHealth { service, is_healthy: false, summary: words, pods: vec![] };
    }
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let waiting: BTreeSet<String> = pods.iter().flat_map(|pod| waiting_reasons(pod)).collect();
    let waiting: Vec<String> = waiting.into_iter().collect();
    let words = format!("{ready} of {} ready {}", pods.len(), waiting.join(", "));
    let running = pods.iter().filter(|pod| pod["status"]["phase"] == "Running");
    let running = running.filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned)).collect();
    ServiceHealth { service, is_healthy: ready == pods.len(), summary: words.trim().to_owned(), pods: running }
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

/// The reasons why containers of a pod wait, with advice for the usual ones.
fn waiting_reasons(pod: &Value) -> Vec<String> {
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

/// The missing parts that an answer of `/readyz` names; `None` if `output` is no such answer.
fn missing_parts(output: &str) -> Option<String> {
    // `check` prints the status before the body.
    let (_, body) = output.trim().split_once(' ')?;
    let answer = serde_json::from_str::<Value>(body).ok()?;
    if let Some(missing) = answer["missing"].as_str() {
        return Some(missing.to_owned());
    }
    let parts = answer["parts"].as_object()?.iter();
    let missing: Vec<String> = parts
        .filter(|(_, state)| *state != "ready")
        .map(|(part, state)| format!("{part}: {}", state.as_str().unwrap_or_default()))
        .collect();
    Some(if missing.is_empty() { "has all it needs".to_owned() } else { missing.join(", ") })
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
