//! Every service in a process of its own on real `PostgreSQL`, NATS and Redis, as in a cluster but on one machine. With
//! several replicas a balancer listens on the service's usual port. Nothing here must check a rule of the platform.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use lcr_model::ServiceName;
use lcr_runtime::process::secrets::Secrets;
use lcr_testkit::{
    Folder,
    servers::{Nats, Postgres, Redis},
};

pub use self::settings::{ExternalServers, SplitOptions, canonical_port};
use super::balance::Balancer;

mod inspect;
mod operator;
mod replicas;
mod settings;

/// Every key of a split platform is derived from this.
const TRIAL_KEY: &str = "only-for-tests-and-trials-0123456789";

/// The services in the order of the call graph. They may start in any order.
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

/// A platform of processes. Dropping it ends them.
#[derive(Debug)]
pub struct Split {
    pub postgres: Postgres,
    pub nats: Nats,
    pub redis: Redis,
    database: Mutex<String>,
    cache: String,
    options: SplitOptions,
    logs: PathBuf,
    running: Mutex<BTreeMap<(ServiceName, u16), Child>>,
    balancers: Vec<Balancer>,
}

/// The users of the production broker with their rights, so that a missing right fails here and not in production.
fn broker_users() -> String {
    let path = lcr_testkit::root().join("k8s/production/nats-values.yaml");
    let values = std::fs::read_to_string(path).expect("the broker's values");
    let values: serde_json::Value = serde_saphyr::from_str(&values).expect("YAML");
    let users = values.pointer("/config/merge/authorization/users").and_then(serde_json::Value::as_array);
    let user = |user: &serde_json::Value| {
        let mut user = user.clone();
        let name = user["user"].as_str().expect("a name").to_owned();
        user["password"] = format!("secret-{name}").into();
        user.to_string()
    };
    users.expect("users").iter().map(user).collect::<Vec<_>>().join(", ")
}

/// The secrets of a service, as the service derives them itself.
pub fn secrets_of(service: ServiceName) -> Secrets {
    Secrets::of_trial(TRIAL_KEY, service).expect("derived keys")
}

impl Split {
    pub async fn start(options: SplitOptions, folder: &Folder) -> Self {
        let logs = folder.path().join("logs");
        std::fs::create_dir_all(&logs).expect("a folder for logs");
        let postgres = Postgres::start(&[("max_connections", "300")]);
        let database = postgres.database();
        let redis = Redis::start();
        let mut split = Self {
            postgres,
            nats: Nats::start_with_users(&broker_users()),
            // All services share one of its numbered databases.
            cache: redis.url(),
            redis,
            database: Mutex::new(database),
            options,
            logs,
            running: Mutex::default(),
            balancers: vec![],
        };
        split.migrate();
        if split.options.replicas > 1 {
            for service in SERVICES {
                let behind = (0..split.options.replicas).map(|one| split.options.port(service, one)).collect();
                split.balancers.push(Balancer::start(canonical_port(split.options.ports, service), behind).await);
            }
            let lines = (0..split.options.replicas).map(|one| split.options.mllp_port(one)).collect();
            split.balancers.push(Balancer::start(split.options.ports.mllp(), lines).await);
        }
        for service in SERVICES {
            for one in 0..split.options.replicas {
                split.start_replica(service, one);
            }
        }
        split.wait_until_ready().await;
        split
    }

    /// Migrates all databases at once. Each migration holds a lock of its own.
    pub fn migrate(&self) {
        let storing = SERVICES.into_iter().filter(|service| *service != ServiceName::Gateway);
        let children: Vec<(ServiceName, Child)> =
            storing.map(|service| (service, self.spawn_migrate(service))).collect();
        for (service, mut child) in children {
            assert!(child.wait().expect("it ends").success(), "{service} migrates");
        }
    }

    /// Starts a `migrate` and does not wait for its end.
    pub fn spawn_migrate(&self, service: ServiceName) -> Child {
        self.command(service, 0).arg("migrate").spawn().expect("a service's program")
    }

    fn command(&self, service: ServiceName, replica: u16) -> Command {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.logs.join(format!("{service}-{replica}.log")))
            .expect("a log");
        let mut command = Command::new(program_path(service.as_str()));
        command.env_clear().envs(self.environment(service, replica));
        command.envs(self.options.threads.map(|threads| ("TOKIO_WORKER_THREADS", threads.to_string())));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        command
    }

    fn environment(&self, service: ServiceName, replica: u16) -> BTreeMap<String, String> {
        let mut settings = self.options.settings(service, replica);
        let mut set = |name: &str, value: String| drop(settings.insert(name.to_owned(), value));
        let external = self.options.external.as_ref();
        if settings::uses_store(service) {
            set("LCR_DATABASE_URL", self.database_url());
            set(
                "LCR_BUS_URL",
                external.map_or_else(|| self.nats.url_as(service.as_str()), |external| external.bus.clone()),
            );
        }
        if settings::uses_cache(service) {
            set("LCR_CACHE_URL", external.map_or(&self.cache, |external| &external.cache).clone());
        }
        if let Some(external) = external.filter(|_| settings::uses_store(service)) {
            set("LCR_BUS_REPLICAS", external.bus_replicas.to_string());
        }
        if let Some(trust) = external.map(|external| &external.trust).or(self.options.trust.as_ref()) {
            set("SSL_CERT_FILE", trust.display().to_string());
        }
        settings
    }

    /// The admin port of a replica.
    pub fn admin_port(&self, service: ServiceName, replica: u16) -> u16 {
        self.options.admin_port(service, replica)
    }

    /// Starts a replica and does not wait until it is ready.
    pub fn start_replica(&self, service: ServiceName, replica: u16) {
        let child = self.command(service, replica).spawn().expect("a service's program");
        self.children().insert((service, replica), child);
    }
}

/// Returns a different NHS number for every `index`, from the range that is never issued.
pub fn unissued_nhs_number(index: u64) -> String {
    // Some nine digits have no check digit, but of three in a row one has. The city uses the numbers before these.
    let first = 400_000 + index * 3;
    let mut digits = (first..first + 3).flat_map(|one| (0..10).map(move |last| format!("999{one:06}{last}")));
    digits.find(|text| lcr_model::NhsNumber::parse(text).is_ok()).expect("a number")
}

/// Finds a program of this build. Tests are in `<target>/<profile>/deps`, programs in the folder above.
pub fn program_path(name: &str) -> PathBuf {
    let me = std::env::current_exe().expect("this program");
    let folder = me.ancestors().find(|above| above.join(name).is_file());
    folder
        .map_or_else(|| panic!("{name} is not built: run `cargo build --workspace --bins`"), |folder| folder.join(name))
}
