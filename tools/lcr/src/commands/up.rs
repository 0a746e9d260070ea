//! `lcr up`: the platform, the demo identity provider and the demo city, in one process.

mod partners;
mod preparation;
pub mod seed;
mod traffic;

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use clap::Args;
use lcr_all_in_one::{DemoConfig, OverridePolicy, Platform, Ports, Settings, start};
use lcr_city::{City, CityOptions};
use lcr_demo_idp::{DemoIdp, IdpOptions};
use lcr_runtime::telemetry::{self, LogFormat, TelemetryOptions};
use preparation::{require_consent_for_remote_sources, require_free_port, wipe_data};
pub use seed::AddedSource;
use tokio::{sync::watch, task::JoinSet};

/// The seed of the demo city, so that everybody gets the same city.
pub const SEED: u64 = 2026;

#[derive(Debug, Args)]
pub struct UpArgs {
    /// The data folder. State survives a restart.
    #[arg(long, default_value = ".lcr")]
    data_dir: PathBuf,
    /// The portal's port. All other ports are at a fixed distance from it.
    #[arg(long, default_value = "8080", value_parser = super::parse_port)]
    port: u16,
    /// How many people live in the demo city.
    #[arg(long, default_value_t = 2000, conflicts_with = "empty")]
    people: u32,
    /// One more FHIR R4 source, every dataset on: NAME=FHIR-URL. May be given more than once.
    #[arg(long, value_name = "NAME=FHIR-URL", value_parser = seed::parse_source)]
    source: Vec<AddedSource>,
    /// Confirm that a source outside this machine may hold data of real people.
    #[arg(long)]
    i_know_this_is_real_data: bool,
    /// Start without the demo city: only the demo identity provider and its personas.
    #[arg(long)]
    empty: bool,
    /// How often one person may search in a minute.
    #[arg(long, default_value_t = lcr_all_in_one::SEARCHES_PER_MINUTE, hide = true)]
    searches_per_minute: NonZeroU32,
    /// Whether staff may override a refusal in an emergency: no-override or emergency-override.
    #[arg(long, default_value_t)]
    override_policy: OverridePolicy,
    /// Wipe the data folder first.
    #[arg(long)]
    fresh: bool,
}

/// The programs that run beside the platform in a demonstration.
struct Demo {
    provider: DemoIdp,
    city: Option<City>,
}

pub async fn run(up: UpArgs) -> Result<(), String> {
    let collector = std::env::var("LCR_OTLP_ENDPOINT").ok().filter(|value| !value.is_empty());
    let options = TelemetryOptions {
        service: "all-in-one",
        format: LogFormat::Plain,
        log: None,
        otlp_endpoint: collector.as_deref(),
    };
    let telemetry = telemetry::init(&options).map_err(|error| format!("`otlp_endpoint` {error}"))?;
    let done = run_until_stopped(up).await;
    telemetry.stop().await;
    done
}

async fn run_until_stopped(up: UpArgs) -> Result<(), String> {
    require_consent_for_remote_sources(&up)?;
    require_free_port(up.port)?;
    if up.fresh {
        // The lock protects the audit log of a platform that is running on this folder.
        let _lock = lcr_runtime::DataDir::lock(&up.data_dir).map_err(|error| error.to_string())?;
        wipe_data(&up.data_dir)?;
    }
    let ports = Ports { gateway: up.port };
    let demo = start_demo(&up, ports).await?;
    let seed = seed::build_seed(demo.city.as_ref(), &demo.provider, &up.source)?;
    let providers = vec![seed::provider_settings(&demo.provider, &seed, true)];
    let extras = DemoConfig { demo: true, providers, seed };
    let data_dir = up.data_dir.clone();
    let first_time = !data_dir.join(traffic::HISTORY_SENT_FILE).exists();
    let settings = Settings {
        data_dir: up.data_dir,
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        ports,
        public_origin: None,
        deadline: Duration::from_secs(2),
        searches_per_minute: up.searches_per_minute,
        override_policy: up.override_policy,
        egress_allow: vec![],
    };
    let platform = start(settings, extras).await.map_err(|error| error.to_string())?;
    println!("ready http://localhost:{}", up.port);
    println!("audit-key {}", platform.audit_key());
    let mut sending = JoinSet::new();
    let sent = demo.city.as_ref().map(|city| start_sending(city, ports, data_dir, &mut sending));
    tokio::select! {
        () = print_when_loaded(&platform, demo.city.as_ref(), up.port, sent, first_time) => wait_for_stop_signal().await,
        () = wait_for_stop_signal() => {}
    }
    sending.abort_all();
    platform.shutdown().await;
    if let Some(city) = demo.city {
        city.shutdown().await;
    }
    Ok(())
}

/// What the city sends at the start: each becomes true when it is answered.
struct Sent {
    history: watch::Receiver<bool>,
    care: watch::Receiver<bool>,
}

/// Sends as the city's hospitals and partners do until the tasks are aborted.
fn start_sending(city: &City, ports: Ports, data_dir: PathBuf, tasks: &mut JoinSet<()>) -> Sent {
    let ((history_sent, history), (care_sent, care)) = (watch::channel(false), watch::channel(false));
    let mllp = SocketAddr::from(([127, 0, 0, 1], ports.mllp()));
    let hospitals = traffic::Hospitals { mllp, data_dir, history_sent };
    let care_messages = city.care().hospital_messages(traffic::now());
    tasks.spawn(hospitals.send(care_messages.into_iter().chain(city.history()), city.live(traffic::now())));
    tasks.spawn(partners::send(city.care(), ports.gateway, care_sent));
    Sent { history, care }
}

async fn start_demo(up: &UpArgs, ports: Ports) -> Result<Demo, String> {
    let platform = format!("http://localhost:{}", up.port);
    let provider = lcr_demo_idp::start(IdpOptions { port: ports.demo_provider(), platform });
    let provider = provider.await.map_err(|error| error.to_string())?;
    let options = CityOptions { people: up.people, seed: SEED, first_port: ports.first_source() };
    let city = if up.empty { None } else { Some(lcr_city::start(options).await.map_err(|error| error.to_string())?) };
    Ok(Demo { provider, city })
}

/// Prints `loaded` when the people of every source are in the index and the hospitals' messages are on the lists.
/// Serving does not wait for this.
async fn print_when_loaded(platform: &Platform, city: Option<&City>, port: u16, sent: Option<Sent>, first_time: bool) {
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        if let Ok((read, of, people, 0)) = platform.load_progress().await
            && read == of
            && sent.as_ref().is_none_or(|sent| *sent.history.borrow() && *sent.care.borrow())
        {
            if let Some(city) = city.filter(|_| first_time)
                && let Err(error) = traffic::make_objections(city, port).await
            {
                eprintln!("not all objections of the demo city could be made: {error}");
            }
            println!("loaded {people} people from {of} sources");
            return;
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn wait_for_stop_signal() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let Ok(mut terminate) = terminate else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
