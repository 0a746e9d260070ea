//! The processes of a split platform: whether they are ready, and how they end. It must end only processes that it started.

use std::{
    collections::BTreeMap,
    process::{Child, Command},
    sync::PoisonError,
    time::{Duration, Instant},
};

use lcr_model::ServiceName;
use reqwest::Url;

use super::{SERVICES, Split};

pub(super) const READY_TIMEOUT: Duration = Duration::from_mins(1);

impl Split {
    /// The process id of a running replica.
    pub fn process_id(&self, service: ServiceName, replica: u16) -> Option<u32> {
        self.children().get(&(service, replica)).map(Child::id)
    }

    pub(super) fn children(&self) -> std::sync::MutexGuard<'_, BTreeMap<(ServiceName, u16), Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a replica with SIGKILL.
    pub fn kill(&self, service: ServiceName, replica: u16) {
        if let Some(mut child) = self.children().remove(&(service, replica)) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Ends a replica with SIGTERM, as Kubernetes does. Returns how long it took and the exit status.
    pub fn terminate(&self, service: ServiceName, replica: u16) -> (Duration, std::process::ExitStatus) {
        let mut child = self.children().remove(&(service, replica)).expect("a running replica");
        let started = Instant::now();
        let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(kill.expect("kill").success());
        let status = child.wait().expect("it ends");
        (started.elapsed(), status)
    }

    pub async fn wait_until_ready(&self) {
        for service in SERVICES {
            for replica in 0..self.options.replicas {
                self.wait_until_replica_ready(service, replica).await;
            }
        }
    }

    pub async fn wait_until_replica_ready(&self, service: ServiceName, replica: u16) {
        let started = Instant::now();
        loop {
            let (status, body) = self.readiness(service, replica).await;
            if status == 200 && !body.contains("not connected") {
                return;
            }
            let log = self.logs.join(format!("{service}-{replica}.log"));
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(started.elapsed() < READY_TIMEOUT, "{service} is not ready: {status} {body}\n{}", log());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// The status and body of `/readyz`; status 0 if the replica does not answer.
    pub async fn readiness(&self, service: ServiceName, replica: u16) -> (u16, String) {
        let rules = lcr_web::EgressRules { inside: true, ..Default::default() };
        let outbound = lcr_web::Outbound::new(rules).expect("a client");
        let url = format!("http://127.0.0.1:{}/readyz", self.admin_port(service, replica));
        let url = Url::parse(&url).expect("an address");
        let answer = outbound.send(lcr_web::Outbound::get(url, Duration::from_secs(3))).await;
        answer.map_or((0, String::new()), |answer| (answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
    }
}

impl Drop for Split {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let logs = self.read_logs();
            let from = logs.len().saturating_sub(12_000);
            let from = (from..logs.len()).find(|at| logs.is_char_boundary(*at)).unwrap_or(0);
            eprintln!("the last log lines of the services:\n{}", &logs[from..]);
        }
        for child in self.children().values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
