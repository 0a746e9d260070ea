//! Every service as a process of its own, on real `PostgreSQL`, NATS and Redis: the form a cluster has, on one machine.
//! Ports are those of the one-process form. With several replicas a small balancer stands where the mesh would.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lcr_model::ServiceName;
use lcr_runtime::process::secrets::Secrets;
use lcr_testkit::{
    Folder,
    servers::{Nats, Postgres, Redis},
};
use reqwest::Url;

pub use self::told::{Around, Told, canonical};
use super::balance::Balancer;

mod looking;
mod told;

/// Every key of a test's platform is derived from this.
const TRIAL_KEY: &str = "only-for-tests-and-trials-0123456789";
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// In the order of the call graph; they start in any.
pub const SERVICES: [ServiceName; 8] = [
    ServiceName::Audit,
    ServiceName::Identity,
    ServiceName::Consent,
    ServiceName::PatientIndex,
    ServiceName::RecordAggregation,
    ServiceName::VirtualWard,
    ServiceName::Feeds,
    ServiceName::Gateway,
];

/// A platform of processes; they end with it.
#[derive(Debug)]
pub struct Split {
    pub postgres: Postgres,
    pub nats: Nats,
    pub redis: Redis,
    database: Mutex<String>,
    cache: String,
    told: Told,
    logs: PathBuf,
    running: Mutex<BTreeMap<(ServiceName, u16), Child>>,
    balancers: Vec<Balancer>,
}

/// The secrets of `service`, as it has them itself.
pub fn secrets(service: ServiceName) -> Secrets {
    Secrets::of_trial(TRIAL_KEY, service).expect("derived keys")
}

impl Split {
    pub async fn start(told: Told, folder: &Folder) -> Self {
        let logs = folder.path().join("logs");
        std::fs::create_dir_all(&logs).expect("a folder for logs");
        let postgres = Postgres::start(&[("max_connections", "300")]);
        let database = postgres.database();
        let redis = Redis::start();
        let mut split = Self {
            postgres,
            nats: Nats::start(),
            // One of its numbered databases, for all of them.
            cache: redis.url(),
            redis,
            database: Mutex::new(database),
            told,
            logs,
            running: Mutex::default(),
            balancers: vec![],
        };
        split.migrate();
        if split.told.replicas > 1 {
            for service in SERVICES {
                let behind = (0..split.told.replicas).map(|one| split.told.port(service, one)).collect();
                split.balancers.push(Balancer::start(canonical(split.told.ports, service), behind).await);
            }
            let lines = (0..split.told.replicas).map(|one| split.told.mllp(one)).collect();
            split.balancers.push(Balancer::start(split.told.ports.mllp(), lines).await);
        }
        for service in SERVICES {
            for one in 0..split.told.replicas {
                split.run(service, one);
            }
        }
        split.until_ready().await;
        split
    }

    /// All at once: each holds its own lock.
    pub fn migrate(&self) {
        let keep = SERVICES.into_iter().filter(|service| *service != ServiceName::Gateway);
        let children: Vec<(ServiceName, Child)> =
            keep.map(|service| (service, self.begin_migrating(service))).collect();
        for (service, mut child) in children {
            assert!(child.wait().expect("it ends").success(), "{service} migrates");
        }
    }

    /// A `migrate` that runs.
    pub fn begin_migrating(&self, service: ServiceName) -> Child {
        self.command(service, 0).arg("migrate").spawn().expect("a service's program")
    }

    fn command(&self, service: ServiceName, replica: u16) -> Command {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.logs.join(format!("{service}-{replica}.log")))
            .expect("a log");
        let mut command = Command::new(program(service.as_str()));
        command.env_clear().envs(self.environment(service, replica));
        command.envs(self.told.threads.map(|threads| ("TOKIO_WORKER_THREADS", threads.to_string())));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        command
    }

    fn environment(&self, service: ServiceName, replica: u16) -> BTreeMap<String, String> {
        let mut told = self.told.settings(service, replica);
        let mut tell = |name: &str, value: String| drop(told.insert(name.to_owned(), value));
        let around = self.told.around.as_ref();
        if service != ServiceName::Gateway {
            tell("LCR_DATABASE_URL", self.database());
            tell("LCR_BUS_URL", around.map_or_else(|| self.nats.url(), |around| around.bus.clone()));
        }
        if told::remembers(service) {
            tell("LCR_CACHE_URL", around.map_or(&self.cache, |around| &around.cache).clone());
        }
        if let Some(around) = around {
            tell("SSL_CERT_FILE", around.trust.display().to_string());
            if service != ServiceName::Gateway {
                tell("LCR_BUS_REPLICAS", around.bus_replicas.to_string());
            }
        }
        told
    }

    /// Where a replica tells how it is.
    pub fn admin(&self, service: ServiceName, replica: u16) -> u16 {
        self.told.admin(service, replica)
    }

    /// Starts a replica; it need not be ready.
    pub fn run(&self, service: ServiceName, replica: u16) {
        let child = self.command(service, replica).spawn().expect("a service's program");
        self.children().insert((service, replica), child);
    }

    /// Its process, while it runs: to measure it.
    pub fn process(&self, service: ServiceName, replica: u16) -> Option<u32> {
        self.children().get(&(service, replica)).map(Child::id)
    }

    fn children(&self) -> std::sync::MutexGuard<'_, BTreeMap<(ServiceName, u16), Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SIGKILL: nothing is finished.
    pub fn kill(&self, service: ServiceName, replica: u16) {
        if let Some(mut child) = self.children().remove(&(service, replica)) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGTERM, as Kubernetes says it; how long it took to end, and how it ended.
    pub fn terminate(&self, service: ServiceName, replica: u16) -> (Duration, std::process::ExitStatus) {
        let mut child = self.children().remove(&(service, replica)).expect("a running replica");
        let started = Instant::now();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.expect("kill").success());
        let ended = child.wait().expect("it ends");
        (started.elapsed(), ended)
    }

    pub async fn until_ready(&self) {
        for service in SERVICES {
            for replica in 0..self.told.replicas {
                self.until_one_is_ready(service, replica).await;
            }
        }
    }

    pub async fn until_one_is_ready(&self, service: ServiceName, replica: u16) {
        let started = Instant::now();
        loop {
            let (status, said) = self.readiness(service, replica).await;
            if status == 200 && !said.contains("not connected") {
                return;
            }
            let log = self.logs.join(format!("{service}-{replica}.log"));
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(started.elapsed() < STARTS_WITHIN, "{service} is not ready: {status} {said}\n{}", log());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// What `/readyz` says: status (0 when nobody answers) and body.
    pub async fn readiness(&self, service: ServiceName, replica: u16) -> (u16, String) {
        let rules = lcr_web::EgressRules { inside: true, ..Default::default() };
        let outbound = lcr_web::Outbound::new(rules).expect("a client");
        let url = format!("http://127.0.0.1:{}/readyz", self.admin(service, replica));
        let url = Url::parse(&url).expect("an address");
        let asked = outbound.send(lcr_web::Outbound::get(url, Duration::from_secs(3))).await;
        asked.map_or((0, String::new()), |answer| {
            (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
        })
    }
}

impl Drop for Split {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = self.said();
            let from = said.len().saturating_sub(12_000);
            let from = (from..said.len()).find(|at| said.is_char_boundary(*at)).unwrap_or(0);
            eprintln!("what the services said last:\n{}", &said[from..]);
        }
        for child in self.children().values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The `of`th number of the range that is never issued, with its check digit; each another.
pub fn never_issued(of: u64) -> String {
    // Not every nine digits have a check digit; of three in a row some have. The city's own come before these.
    let first = 400_000 + of * 3;
    let mut digits = (first..first + 3).flat_map(|one| (0..10).map(move |last| format!("999{one:06}{last}")));
    digits.find(|text| lcr_model::NhsNumber::parse(text).is_ok()).expect("a number")
}

/// A program of this build: tests lie in `<target>/<profile>/deps`, programs beside that folder.
pub fn program(name: &str) -> PathBuf {
    let me = std::env::current_exe().expect("this program");
    let folder = me.ancestors().find(|above| above.join(name).is_file());
    folder.map_or_else(
        || panic!("{name} is not built: run `cargo build --workspace --bins`"),
        |folder| folder.join(name),
    )
}
