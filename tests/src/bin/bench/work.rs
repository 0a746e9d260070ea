//! One kind of work for each service, and its rate while the service has a small share of a processor.

use std::time::{Duration, Instant};

use futures::future::join_all;
use lcr_model::ServiceName;
use lcr_tests::{
    Actor, Platform,
    mllp::{MllpConnection, admission, is_accepted},
    split::unissued_nhs_number,
};
use serde_json::json;

use super::{kernel::cpu_seconds, throttle::Throttle, view};

/// Concurrent clients or senders.
pub const AT_ONCE: usize = 16;
/// Concurrent clients of a throttled service: enough to keep it busy, and few enough to meet deadlines.
const THROTTLED_CLIENTS: usize = 64;
/// The answers per second for which a replica gets processor time.
const TARGET_RATE: f64 = 100.0;
/// The number of people about whom clients ask in turn.
const PEOPLE: usize = 60;
const LASTS: Duration = Duration::from_secs(6);

/// The client, and the id and NHS number of each person.
type Subjects = (Actor, Vec<(String, String)>);

#[derive(Debug, Clone, Copy)]
pub enum Work {
    Search,
    Record,
    List,
    SignIn,
    Message,
}

impl Work {
    /// The work by which each service is measured.
    pub const BY_SERVICE: [(ServiceName, Self); 8] = [
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

    /// The id and NHS number of people of the GP's practice whose sources answer at once.
    pub async fn people(platform: &Platform) -> Vec<(String, String)> {
        let gp = platform.actor("gp").await;
        let systems = &platform.city().plan().systems;
        let authority = systems.iter().find(|one| one.authority).map(|one| one.base_url.as_str()).unwrap();
        let slow = systems.iter().filter(|one| ["wharfe-valley", "community"].contains(&one.id.as_str()));
        let slow: Vec<String> = slow.map(|one| one.base_url.clone()).collect();
        assert_eq!(slow.len(), 2);
        let mut people = vec![];
        for number in view::people(authority, &slow, PEOPLE).await {
            people.push((gp.find_person(&number).await, number));
        }
        people
    }

    /// The share of a processor that one replica needs for a hundred answers per second, measured without a throttle.
    pub async fn share(self, platform: &Platform, service: ServiceName) -> f64 {
        let process = platform.split().process_id(service, 0).unwrap();
        let who = (platform.actor("gp").await, Self::people(platform).await);
        let before = cpu_seconds(process);
        let done = self.run(platform, &who, "F").await.0;
        ((cpu_seconds(process) - before) / done * TARGET_RATE).clamp(0.01, 0.5)
    }

    /// Answers per second while each replica of `service` has `share` of a processor, and the part of it that they used:
    /// about 1 if nothing else was the limit.
    pub async fn rate(self, platform: &Platform, service: ServiceName, replicas: u16, share: f64) -> (f64, f64) {
        let split = platform.split();
        let who = (platform.actor("gp").await, Self::people(platform).await);
        let processes: Vec<u32> = (0..replicas).map(|one| split.process_id(service, one).unwrap()).collect();
        let used = || processes.iter().copied().map(cpu_seconds).sum::<f64>();
        let limits: Vec<Throttle> = processes.iter().map(|process| Throttle::start(*process, share)).collect();
        let before = used();
        let (done, took) = self.run(platform, &who, if replicas == 1 { "R" } else { "S" }).await;
        let bound = (used() - before) / (took * share * f64::from(replicas));
        drop(limits);
        (done / took, bound)
    }

    /// Does the work and returns the number of answers and the seconds. `name` is part of the messages' control ids.
    async fn run(self, platform: &Platform, (gp, people): &Subjects, name: &str) -> (f64, f64) {
        let started = Instant::now();
        let done = join_all((0..THROTTLED_CLIENTS).map(|asker| {
            let gp = gp.clone();
            async move {
                let (mut done, mut line) = (0_u32, None);
                for at in (asker..).step_by(THROTTLED_CLIENTS) {
                    if started.elapsed() > LASTS {
                        break;
                    }
                    let person = &people[at % people.len()];
                    let succeeded = match self {
                        Self::Message => send(platform, name, at, &mut line).await,
                        _ => self.ask(platform, &gp, person).await,
                    };
                    done += u32::from(succeeded);
                }
                done
            }
        }))
        .await;
        (f64::from(done.into_iter().sum::<u32>()), started.elapsed().as_secs_f64())
    }

    /// Sends one request. Returns whether the answer was 200.
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

async fn send(platform: &Platform, name: &str, at: usize, line: &mut Option<MllpConnection>) -> bool {
    if line.is_none() {
        *line = MllpConnection::open(platform.ports.mllp()).await;
    }
    let (control, number) = (format!("{name}N{at}"), unissued_nhs_number(50_000 + at as u64));
    let message = admission(&control, &number, "19500101", &format!("V{control}"));
    let answer = match line.as_mut() {
        Some(open) => open.send(&message).await,
        None => None,
    };
    answer.is_some_and(|answer| is_accepted(&answer))
}
