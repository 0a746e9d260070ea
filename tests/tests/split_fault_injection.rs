//! Each service, the database, the bus and the cache are killed and restarted in turn, while readers read and hospitals
//! send. Nothing acknowledged is lost, nothing wrong is shown, only requests that need the killed part fail, and the
//! platform recovers by itself.

// The future of this test holds a whole platform.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "split_fault_injection/traffic.rs"]
mod traffic;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use lcr_model::ServiceName;
use lcr_testkit::eventually;
use lcr_tests::{Actor, Platform, split};
use sea_orm::{ConnectionTrait, Statement};

use traffic::{RequestKind, RequestOutcome, Traffic, make_choices, send_messages, send_requests};

const READERS: usize = 50;
const SENDERS: usize = 20;
const DOWNTIME: Duration = Duration::from_millis(1500);
/// The longest time that an automatic recovery may take.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(10);
/// Traffic without a fault, before the first and after each one.
const STEADY_TIME: Duration = Duration::from_secs(3);

/// The part that is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Service(ServiceName),
    Postgres,
    Nats,
    Redis,
}

impl Target {
    /// Whether a request may fail while this part is down.
    fn may_fail(self, kind: RequestKind) -> bool {
        use ServiceName as S;
        match self {
            Self::Postgres | Self::Service(S::Gateway | S::Consent | S::Audit) => true,
            Self::Service(S::RecordAggregation) => kind == RequestKind::Record,
            Self::Service(S::PatientIndex) => kind != RequestKind::List,
            Self::Service(S::VirtualWard) => kind == RequestKind::List,
            Self::Service(_) | Self::Nats | Self::Redis => false,
        }
    }
}

/// Kills a part and restarts it. Returns when it was killed and when it was back.
async fn kill_and_restart(platform: &Platform, target: Target) -> (Instant, Instant) {
    let (split, killed) = (platform.split(), Instant::now());
    match target {
        Target::Service(service) => split.kill(service, 0),
        Target::Postgres => split.postgres.kill(),
        Target::Nats => split.nats.kill(),
        Target::Redis => split.redis.kill(),
    }
    tokio::time::sleep(DOWNTIME).await;
    match target {
        Target::Service(service) => {
            split.start_replica(service, 0);
            split.wait_until_replica_ready(service, 0).await;
        }
        Target::Postgres => split.postgres.restart(),
        Target::Nats => split.nats.restart(),
        Target::Redis => split.redis.restart(),
    }
    (killed, Instant::now())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_each_fault_nothing_is_lost_and_only_requests_that_need_the_killed_part_fail() {
    let platform = Platform::start_loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let mut people = vec![];
    for member in platform.city().cast().twins.iter().chain([&platform.city().cast().osei]) {
        let number = member.nhs_number.clone().unwrap();
        people.push((gp.find_person(&number).await, number));
    }
    let own = patient.get("/api/patient-index/v1/people/own").await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/consent/v1/people/{own}/opt-out");
    let (traffic, people) = (Arc::new(Traffic::default()), Arc::new(people));
    let mut tasks = vec![];
    for reader in 0..READERS {
        tasks.push(tokio::spawn(send_requests(traffic.clone(), gp.clone(), people.clone(), reader)));
    }
    for sender in 0..SENDERS {
        tasks.push(tokio::spawn(send_messages(traffic.clone(), platform.ports.mllp(), sender)));
    }
    tasks.push(tokio::spawn(make_choices(traffic.clone(), patient.clone(), path.clone())));
    tokio::time::sleep(STEADY_TIME).await;
    let services = split::SERVICES.into_iter().map(Target::Service);
    let mut down = vec![];
    for target in services.chain([Target::Postgres, Target::Nats, Target::Redis]) {
        let (from, back) = kill_and_restart(&platform, target).await;
        down.push((target, from, back));
        // Waits until the list is answered again, and a while longer.
        eventually(RECOVERY_TIMEOUT, &format!("{target:?} has recovered"), async || {
            let list = gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await;
            list.is_some_and(|answer| answer.status == 200)
        })
        .await;
        tokio::time::sleep(STEADY_TIME).await;
    }
    traffic.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    assert_only_affected_requests_failed(&traffic, &down);
    assert_nothing_lost(&platform, &traffic, &patient, &path).await;
}

fn assert_only_affected_requests_failed(traffic: &Traffic, down: &[(Target, Instant, Instant)]) {
    let outcomes = traffic.outcomes.lock().unwrap();
    let failed: Vec<&RequestOutcome> = outcomes.iter().filter(|one| one.status != 200).collect();
    println!("{} requests, {} of them failed while a part was down", outcomes.len(), failed.len());
    for one in &failed {
        let cause = down.iter().find(|(target, from, back)| {
            let during = one.ended >= *from && one.began <= *back + RECOVERY_TIMEOUT;
            during && target.may_fail(one.kind)
        });
        assert!(
            cause.is_some(),
            "{:?} answered {} while every part that it needs was up: {}",
            one.kind,
            one.status,
            one.detail
        );
    }
    for (target, _, back) in down {
        let later =
            |one: &&&RequestOutcome| one.began > *back + Duration::from_secs(1) && one.began < *back + STEADY_TIME;
        let failed = failed.iter().filter(later).filter(|one| target.may_fail(one.kind)).count();
        let all = outcomes.iter().filter(|one| later(&one)).count();
        println!("{target:?}: {failed} of {all} failed a second after it was back");
    }
    assert!(failed.len() * 2 < outcomes.len(), "most requests were answered");
}

async fn assert_nothing_lost(platform: &Platform, traffic: &Traffic, patient: &Actor, path: &str) {
    let split = platform.split();
    split.wait_until_consumed().await;
    let query_column = |service: ServiceName, sql: &'static str| async move {
        let store = split.store(service).await;
        let query = Statement::from_string(store.read().get_database_backend(), sql);
        let rows = store.read().query_all_raw(query).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    let accepted = traffic.accepted.lock().unwrap().clone();
    let messages = query_column(ServiceName::Feeds, "SELECT control_id FROM message WHERE status = 'accepted'").await;
    let stored: BTreeSet<&String> = messages.iter().collect();
    let lost: Vec<&String> = accepted.iter().filter(|control| !stored.contains(control)).collect();
    let last: BTreeMap<&str, u64> = accepted.iter().fold(BTreeMap::new(), |mut last, control| {
        let (sender, at) = control.split_once('N').unwrap();
        let newest = last.entry(sender).or_insert(0);
        *newest = (*newest).max(at.parse().unwrap());
        last
    });
    assert!(lost.is_empty(), "accepted and lost: {lost:?}, the last of each sender: {last:?}");
    let stays = query_column(ServiceName::VirtualWard, "SELECT spell FROM spell").await;
    println!("{} messages accepted, {} stays", accepted.len(), stays.len());
    assert!(stays.len() >= stored.len(), "every admission reached the ward, once");
    let views = traffic.views.lock().unwrap().clone();
    let logged = query_column(ServiceName::Audit, "SELECT CAST(view AS text) FROM entry").await;
    let logged: BTreeSet<&String> = logged.iter().collect();
    let unlogged: Vec<&String> = views.iter().filter(|view| !logged.contains(view)).collect();
    assert!(unlogged.is_empty(), "answered and not on the log: {unlogged:?}");
    let choices = patient.get(path).await.json();
    for (choice, status) in traffic.choices.lock().unwrap().iter() {
        let found = choices["choices"].as_array().unwrap().iter().find(|one| one["id"] == choice.as_str());
        assert_eq!(found.map(|one| one["status"].as_str().unwrap()), Some(*status), "choice {choice}");
    }
    println!(
        "{} views on the log, {} choices with their last status",
        views.len(),
        traffic.choices.lock().unwrap().len()
    );
}
