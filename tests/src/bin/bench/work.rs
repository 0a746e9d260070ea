//! One kind of work for each service, and how often a second it is done while that service has little of a processor.

use std::time::{Duration, Instant};

use futures::future::join_all;
use lcr_model::ServiceName;
use lcr_tests::{
    Actor, Platform,
    mllp::{Line, accepted, admission},
    split::never_issued,
};
use serde_json::json;

use super::{kernel::cpu_seconds, throttle::Throttle, view};

/// Askers or senders at once.
pub const AT_ONCE: usize = 16;
/// The same where somebody has little of a processor: enough that it always has something to do, and few enough that
/// nobody waits as long as a deadline.
const CROWD: usize = 64;
/// What a replica is given a processor for, each second.
const WANTED: f64 = 100.0;
/// Whom they ask about in turn.
const PEOPLE: usize = 60;
const LASTS: Duration = Duration::from_secs(6);

/// Who asks, and about whom: id and number of each.
type Who = (Actor, Vec<(String, String)>);

#[derive(Debug, Clone, Copy)]
pub enum Work {
    Search,
    Record,
    List,
    SignIn,
    Message,
}

impl Work {
    /// What each service is measured by.
    pub const OF: [(ServiceName, Self); 8] = [
        (ServiceName::Gateway, Self::Search),
        (ServiceName::Identity, Self::SignIn),
        (ServiceName::Consent, Self::Search),
        (ServiceName::PatientIndex, Self::Search),
        (ServiceName::Audit, Self::Search),
        (ServiceName::RecordAggregation, Self::Record),
        (ServiceName::VirtualWard, Self::List),
        (ServiceName::Feeds, Self::Message),
    ];

    pub fn note(self) -> &'static str {
        match self {
            Self::Search => "searches by number; 2 is the limit",
            Self::Record => "one dataset of a record; 2 is the limit",
            Self::List => "a practice's list; 2 is the limit",
            Self::SignIn => "tokens; 2 is the limit",
            Self::Message => "messages over MLLP; 2 is the limit",
        }
    }

    /// Id and number of people registered with the GP's practice, whose sources answer at once.
    pub async fn people(platform: &Platform) -> Vec<(String, String)> {
        let gp = platform.actor("gp").await;
        let systems = &platform.city().plan().systems;
        let authority = systems.iter().find(|one| one.authority).map(|one| one.base_url.as_str()).unwrap();
        let slow = systems.iter().filter(|one| ["wharfe-valley", "community"].contains(&one.id.as_str()));
        let slow: Vec<String> = slow.map(|one| one.base_url.clone()).collect();
        assert_eq!(slow.len(), 2);
        let mut people = vec![];
        for number in view::people(authority, &slow, PEOPLE).await {
            people.push((gp.find(&number).await, number));
        }
        people
    }

    /// How much of a processor one replica needs for a hundred answers a second. Found with nobody held back.
    pub async fn share(self, platform: &Platform, service: ServiceName) -> f64 {
        let process = platform.split().process(service, 0).unwrap();
        let who = (platform.actor("gp").await, Self::people(platform).await);
        let before = cpu_seconds(process);
        let done = self.done(platform, &who, "F").await.0;
        ((cpu_seconds(process) - before) / done * WANTED).clamp(0.01, 0.5)
    }

    /// Answers a second while each replica of `service` has `share` of a processor, and how much of it they used: about
    /// 1 where nothing else was the limit.
    pub async fn rate(
        self,
        platform: &Platform,
        service: ServiceName,
        replicas: u16,
        share: f64,
    ) -> (f64, f64) {
        let split = platform.split();
        let who = (platform.actor("gp").await, Self::people(platform).await);
        let processes: Vec<u32> = (0..replicas).map(|one| split.process(service, one).unwrap()).collect();
        let used = || processes.iter().copied().map(cpu_seconds).sum::<f64>();
        let limits: Vec<Throttle> =
            processes.iter().map(|process| Throttle::start(*process, share)).collect();
        let before = used();
        let (done, took) = self.done(platform, &who, if replicas == 1 { "R" } else { "S" }).await;
        let bound = (used() - before) / (took * share * f64::from(replicas));
        drop(limits);
        (done / took, bound)
    }

    /// How many answers there were, and in how many seconds. `name` is part of what messages are called.
    async fn done(self, platform: &Platform, (gp, people): &Who, name: &str) -> (f64, f64) {
        let started = Instant::now();
        let done = join_all((0..CROWD).map(|asker| {
            let gp = gp.clone();
            async move {
                let (mut done, mut line) = (0_u32, None);
                for at in (asker..).step_by(CROWD) {
                    if started.elapsed() > LASTS {
                        break;
                    }
                    let person = &people[at % people.len()];
                    let well = match self {
                        Self::Message => send(platform, name, at, &mut line).await,
                        _ => self.ask(platform, &gp, person).await,
                    };
                    done += u32::from(well);
                }
                done
            }
        }))
        .await;
        (f64::from(done.into_iter().sum::<u32>()), started.elapsed().as_secs_f64())
    }

    /// Whether it was answered well.
    async fn ask(self, platform: &Platform, gp: &Actor, (person, number): &(String, String)) -> bool {
        let answer = match self {
            Self::Record => {
                let path = format!("/api/record-aggregation/v1/people/{person}/record?datasets=allergies");
                gp.try_get(&path).await
            }
            Self::List => gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await,
            Self::SignIn => return platform.actor("gp").await.token.is_some(),
            Self::Search | Self::Message => {
                let ask = json!({ "nhs_number": number });
                gp.try_send("POST", "/api/patient-index/v1/people/search", &ask).await
            }
        };
        answer.is_some_and(|answer| answer.status == 200)
    }
}

async fn send(platform: &Platform, name: &str, at: usize, line: &mut Option<Line>) -> bool {
    if line.is_none() {
        *line = Line::open(platform.ports.mllp()).await;
    }
    let (control, number) = (format!("{name}N{at}"), never_issued(50_000 + at as u64));
    let message = admission(&control, &number, "19500101", &format!("V{control}"));
    let answer = match line.as_mut() {
        Some(open) => open.send(&message).await,
        None => None,
    };
    answer.is_some_and(|answer| accepted(&answer))
}
