//! Everything is pulled out from under a platform at work, one after the other: each service, the database, the bus, the
//! cache, killed and started again while readers read and hospitals send. Nothing acknowledged is lost, nothing wrong
//! is shown, errors come only from what is down and only while it is, and it recovers by itself (promises 2, 3 and 5).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lcr_model::ServiceName;
use lcr_tests::{
    Actor, Platform,
    mllp::{Line, accepted, admission},
    split,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const READERS: usize = 50;
const SENDERS: usize = 20;
/// Messages a second, over all senders.
const RATE: u64 = 200;
const DOWN: Duration = Duration::from_millis(1500);
/// Recovery takes no longer, without hands.
const RECOVERS: Duration = Duration::from_secs(10);
const STEADY: Duration = Duration::from_secs(3);

/// What is pulled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Service(ServiceName),
    Postgres,
    Nats,
    Redis,
}

/// What a reader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Record,
    List,
    Search,
}

impl Target {
    /// Whether a look may fail while this is down. Everything else goes on.
    fn may_fail(self, look: Look) -> bool {
        use ServiceName as S;
        match self {
            Self::Postgres | Self::Service(S::Gateway | S::Consent | S::Audit) => true,
            Self::Service(S::RecordAggregation) => look == Look::Record,
            Self::Service(S::PatientIndex) => look != Look::List,
            Self::Service(S::VirtualWard) => look == Look::List,
            Self::Service(_) | Self::Nats | Self::Redis => false,
        }
    }
}

/// One answer, or none.
#[derive(Debug)]
struct Seen {
    look: Look,
    began: Instant,
    ended: Instant,
    status: u16,
    words: String,
}

#[derive(Default)]
struct Traffic {
    seen: Mutex<Vec<Seen>>,
    /// Views of lists that were answered.
    views: Mutex<BTreeSet<String>>,
    accepted: Mutex<BTreeSet<String>>,
    choices: Mutex<BTreeMap<String, &'static str>>,
    stop: AtomicBool,
}

impl Traffic {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

async fn read(traffic: Arc<Traffic>, gp: Actor, people: Arc<Vec<(String, String)>>, reader: usize) {
    for at in reader.. {
        if !traffic.goes_on() {
            return;
        }
        let look = [Look::Record, Look::List, Look::Record, Look::Search][at % 4];
        let (person, number) = &people[at % people.len()];
        let began = Instant::now();
        let answer = match look {
            Look::Record => {
                gp.try_get(&format!("/api/record-aggregation/v1/people/{person}/record?datasets=allergies"))
                    .await
            }
            Look::List => gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await,
            Look::Search => {
                gp.try_send("POST", "/api/patient-index/v1/people/search", &json!({ "nhs_number": number }))
                    .await
            }
        };
        let (status, body) = answer.map_or((0, Value::Null), |answer| (answer.status, answer.json()));
        if status == 200 {
            right(look, &body, person);
            if look == Look::List {
                traffic.views.lock().unwrap().insert(body["view"].as_str().unwrap().to_owned());
            }
        }
        let words = body["detail"].as_str().unwrap_or_default().to_owned();
        traffic.seen.lock().unwrap().push(Seen { look, began, ended: Instant::now(), status, words });
        // Fifty people, not fifty hammers.
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

/// Whatever is answered is about who was asked for.
fn right(look: Look, body: &Value, person: &str) {
    match look {
        Look::Record => assert_eq!(body["person"], person, "somebody else's record"),
        Look::Search => {
            let found = body["people"].as_array().unwrap();
            assert!(found.iter().all(|one| one["id"] == person), "somebody else is found: {body}");
            assert_eq!(found.len(), 1, "found, or an error: never silently nobody");
        }
        Look::List => assert!(body["inpatients"].is_array()),
    }
}

async fn send(traffic: Arc<Traffic>, port: u16, sender: usize) {
    let pause = Duration::from_millis(1000 * SENDERS as u64 / RATE);
    let mut line = None;
    for at in 0_u64.. {
        if !traffic.goes_on() {
            return;
        }
        let next = tokio::time::Instant::now() + pause;
        let control = format!("T{sender}N{at}");
        let number = split::never_issued(sender as u64 * 2000 + at);
        let message = admission(&control, &number, "19500101", &format!("V{control}"));
        // A hospital sends a message again until it is accepted.
        while traffic.goes_on() {
            if line.is_none() {
                line = Line::open(port).await;
            }
            let Some(open) = line.as_mut() else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            match open.send(&message).await {
                Some(answer) if accepted(&answer) => {
                    traffic.accepted.lock().unwrap().insert(control);
                    break;
                }
                Some(answer) => {
                    assert!(answer.contains("not kept") || answer.contains("|207"), "{answer}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                None => line = None,
            }
        }
        tokio::time::sleep_until(next).await;
    }
}

async fn choose(traffic: Arc<Traffic>, patient: Actor, path: String) {
    while traffic.goes_on() {
        if let Some(made) = patient.try_send("POST", &path, &json!({})).await
            && made.status == 201
        {
            let choice = made.json()["choice"]["id"].as_str().unwrap().to_owned();
            traffic.choices.lock().unwrap().insert(choice.clone(), "applied");
            match patient.try_send("DELETE", &format!("{path}/{choice}"), &json!({})).await {
                Some(back) if back.status == 200 => {
                    traffic.choices.lock().unwrap().insert(choice, "withdrawn");
                }
                // Asked and not answered well: it stands either way.
                _ => drop(traffic.choices.lock().unwrap().remove(&choice)),
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Pulls it out, puts it back; when it was down, and when it was there again.
async fn pull(platform: &Platform, target: Target) -> (Instant, Instant) {
    let (split, down) = (platform.split(), Instant::now());
    match target {
        Target::Service(service) => split.kill(service, 0),
        Target::Postgres => split.postgres.kill(),
        Target::Nats => split.nats.kill(),
        Target::Redis => split.redis.kill(),
    }
    tokio::time::sleep(DOWN).await;
    match target {
        Target::Service(service) => {
            split.run(service, 0);
            split.until_one_is_ready(service, 0).await;
        }
        Target::Postgres => split.postgres.restart(),
        Target::Nats => split.nats.restart(),
        Target::Redis => split.redis.restart(),
    }
    (down, Instant::now())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_nothing_is_lost_and_only_what_is_down_fails() {
    let platform = Platform::loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let mut people = vec![];
    for member in platform.city().cast().twins.iter().chain([&platform.city().cast().osei]) {
        let number = member.nhs_number.clone().unwrap();
        people.push((gp.find(&number).await, number));
    }
    let own = patient.get("/api/patient-index/v1/people/own").await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/consent/v1/people/{own}/opt-out");
    let (traffic, people) = (Arc::new(Traffic::default()), Arc::new(people));
    let mut tasks = vec![];
    for reader in 0..READERS {
        tasks.push(tokio::spawn(read(traffic.clone(), gp.clone(), people.clone(), reader)));
    }
    for sender in 0..SENDERS {
        tasks.push(tokio::spawn(send(traffic.clone(), platform.ports.mllp(), sender)));
    }
    tasks.push(tokio::spawn(choose(traffic.clone(), patient.clone(), path.clone())));
    tokio::time::sleep(STEADY).await;
    let services = split::SERVICES.into_iter().map(Target::Service);
    let mut down = vec![];
    for target in services.chain([Target::Postgres, Target::Nats, Target::Redis]) {
        let (from, back) = pull(&platform, target).await;
        down.push((target, from, back));
        // Until it is seen to be well again, and a while longer.
        let well = Instant::now();
        while gp
            .try_get("/api/virtual-ward/v1/inpatients?practice=Y90001")
            .await
            .is_none_or(|a| a.status != 200)
        {
            assert!(well.elapsed() < RECOVERS, "{target:?} has not recovered");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(STEADY).await;
    }
    traffic.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    only_what_was_down_failed(&traffic, &down);
    nothing_is_lost(&platform, &traffic, &patient, &path).await;
}

fn only_what_was_down_failed(traffic: &Traffic, down: &[(Target, Instant, Instant)]) {
    let seen = traffic.seen.lock().unwrap();
    let failed: Vec<&Seen> = seen.iter().filter(|one| one.status != 200).collect();
    println!("{} looks, {} of them failed while something was down", seen.len(), failed.len());
    for one in &failed {
        let why = down.iter().find(|(target, from, back)| {
            let during = one.ended >= *from && one.began <= *back + RECOVERS;
            during && target.may_fail(one.look)
        });
        assert!(
            why.is_some(),
            "{:?} answered {} with nothing down that it needs: {}",
            one.look,
            one.status,
            one.words
        );
    }
    for (target, _, back) in down {
        let later = |one: &&&Seen| one.began > *back + Duration::from_secs(1) && one.began < *back + STEADY;
        let failed = failed.iter().filter(later).filter(|one| target.may_fail(one.look)).count();
        let all = seen.iter().filter(|one| later(&one)).count();
        println!("{target:?}: {failed} of {all} failed a second after it was back");
    }
    assert!(failed.len() * 2 < seen.len(), "most looks were answered");
}

async fn nothing_is_lost(platform: &Platform, traffic: &Traffic, patient: &Actor, path: &str) {
    let split = platform.split();
    split.until_heard().await;
    let kept = |service: ServiceName, sql: &'static str| async move {
        let store = split.store(service).await;
        let query = Statement::from_string(store.read().get_database_backend(), sql);
        let rows = store.read().query_all_raw(query).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    let accepted = traffic.accepted.lock().unwrap().clone();
    let messages = kept(ServiceName::Feeds, "SELECT control_id FROM message WHERE status = 'accepted'").await;
    let held: BTreeSet<&String> = messages.iter().collect();
    let lost: Vec<&String> = accepted.iter().filter(|control| !held.contains(control)).collect();
    let last: BTreeMap<&str, u64> = accepted.iter().fold(BTreeMap::new(), |mut last, control| {
        let (sender, at) = control.split_once('N').unwrap();
        let newest = last.entry(sender).or_insert(0);
        *newest = (*newest).max(at.parse().unwrap());
        last
    });
    assert!(lost.is_empty(), "accepted and lost: {lost:?}, the last of each sender: {last:?}");
    let stays = kept(ServiceName::VirtualWard, "SELECT spell FROM spell").await;
    println!("{} messages accepted, {} stays", accepted.len(), stays.len());
    assert!(stays.len() >= held.len(), "every admission reached the ward, once");
    let views = traffic.views.lock().unwrap().clone();
    let logged = kept(ServiceName::Audit, "SELECT CAST(view AS text) FROM entry").await;
    let logged: BTreeSet<&String> = logged.iter().collect();
    let unlogged: Vec<&String> = views.iter().filter(|view| !logged.contains(view)).collect();
    assert!(unlogged.is_empty(), "seen and not on the log: {unlogged:?}");
    let choices = patient.get(path).await.json();
    for (choice, status) in traffic.choices.lock().unwrap().iter() {
        let found = choices["choices"].as_array().unwrap().iter().find(|one| one["id"] == choice.as_str());
        assert_eq!(found.map(|one| one["status"].as_str().unwrap()), Some(*status), "choice {choice}");
    }
    println!(
        "{} views on the log, {} choices as they were left",
        views.len(),
        traffic.choices.lock().unwrap().len()
    );
}
