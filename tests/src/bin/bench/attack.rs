//! Response times (p99) of fifty readers and sixteen senders at the pace of a busy day, without an attack and during each
//! attack by one peer, token or source.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::{join, join_all};
use lcr_tests::mllp::{MllpConnection, admission, is_accepted};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

use super::{load::Client, process::Platform, report::Report};

const READERS: u32 = 50;
const SENDERS: u32 = 16;
/// The time between two requests or messages of each.
const PACE: Duration = Duration::from_secs(2);
const LASTS: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
enum Attack {
    Nothing,
    HalfHeads,
    Searches,
    Streams,
    Bodies,
    /// No attack, on a platform of its own.
    NoSource,
    Source,
}

impl Attack {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "quiet",
            Self::HalfHeads => "beside half-sent heads",
            Self::Searches => "beside long searches",
            Self::Streams => "beside many streams",
            Self::Bodies => "beside slow large bodies",
            Self::NoSource => "quiet, in one process with the readers",
            Self::Source => "beside a source without an end",
        }
    }
}

pub async fn measure(report: &mut Report) {
    let platform = Platform::limited(2_000, 18_800);
    platform.wait_loaded(Duration::from_mins(2));
    readers_and_senders(&platform, report).await;
    drop(platform);
    beside_a_hostile_source(report).await;
}

async fn readers_and_senders(platform: &Platform, report: &mut Report) {
    let attacks = [Attack::Nothing, Attack::HalfHeads, Attack::Searches, Attack::Streams, Attack::Bodies];
    let at = PlatformAddress { gateway: platform.port, mllp: platform.port - 5505, gp: platform.token("gp") };
    for attack in attacks {
        let attackers = Attackers::start(platform, attack).await;
        let times = join(measure_readers(&at), measure_senders(&at, attack)).await;
        drop(attackers);
        add_figures(report, attack, Attack::Nothing, times);
    }
}

/// Measures with and without a hostile source, whose list of people is endless and whose answers are as large as possible.
/// The platform runs in this process.
async fn beside_a_hostile_source(report: &mut Report) {
    for attack in [Attack::NoSource, Attack::Source] {
        let sources = match attack {
            Attack::Source => vec![("hostile".to_owned(), start_hostile_source().await)],
            _ => vec![],
        };
        let options = lcr_tests::Options { people: 2_000, sources, ..lcr_tests::Options::default() };
        let platform = lcr_tests::Platform::start(options).await;
        platform.wait_loaded().await;
        let gp = platform.actor("gp").await.token.unwrap();
        let at = PlatformAddress { gateway: platform.ports.gateway, mllp: platform.ports.mllp(), gp };
        let times = join(measure_readers(&at), measure_senders(&at, attack)).await;
        add_figures(report, attack, Attack::NoSource, times);
    }
}

/// Starts a source with endless pages of a hundred people, and two megabytes of filler for all other types.
async fn start_hostile_source() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let own = base.clone();
    let answer = move |uri: axum::http::Uri| {
        let own = own.clone();
        async move {
            if !uri.path().ends_with("/Patient") {
                return json!({ "resourceType": "Bundle", "type": "searchset", "note": "x".repeat(2 << 20) })
                    .to_string();
            }
            let page = uri
                .query()
                .and_then(|query| query.rsplit_once("page="))
                .map_or(0, |(_, page)| page.parse::<u64>().unwrap_or(0));
            let person = |at: u64| {
                json!({ "resource": { "resourceType": "Patient", "id": format!("h{page}-{at}"),
                    "name": [{ "family": format!("Endless{page}"), "given": [format!("Of{at}")] }], "birthDate": "1950-01-01" } })
            };
            json!({ "resourceType": "Bundle", "type": "searchset", "entry": (0..100).map(person).collect::<Vec<_>>(),
                "link": [{ "relation": "next", "url": format!("{own}/Patient?page={}", page + 1) }] })
            .to_string()
        }
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    base
}

/// The ports of a platform and its reader's token.
struct PlatformAddress {
    gateway: u16,
    mllp: u16,
    gp: String,
}

fn add_figures(report: &mut Report, attack: Attack, quiet: Attack, (read, sent): (Vec<Duration>, Vec<Duration>)) {
    for (what, times) in [("records", read), ("messages", sent)] {
        let name = |attack: Attack| format!("attack: {what}, p99, {}", attack.name());
        report.add(&name(attack), p99(times), "ms", "50 readers and 16 senders, each once in two seconds");
        if name(attack) != name(quiet) {
            let over = format!("attack: {what}, p99, {} over quiet", attack.name());
            report.ratio(&over, &name(attack), &name(quiet), "aim: at most 2");
        }
    }
}

fn p99(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let at = (times.len() * 99 / 100).min(times.len() - 1);
    times[at].as_secs_f64() * 1000.0
}

/// The times of an action that one client repeats at a fixed pace, starting at its own offset.
async fn run_paced<F: Future<Output = Duration>>(at: u32, of: u32, mut act: impl FnMut(usize) -> F) -> Vec<Duration> {
    tokio::time::sleep(PACE * at / of).await;
    let until = Instant::now() + LASTS;
    let (mut times, mut pace) = (vec![], tokio::time::interval(PACE));
    while Instant::now() < until {
        pace.tick().await;
        times.push(act(times.len()).await);
    }
    times
}

async fn measure_readers(at: &PlatformAddress) -> Vec<Duration> {
    let gp = Client::new(Some(&at.gp));
    let base = format!("http://localhost:{}/api", at.gateway);
    let found = gp.json(&format!("{base}/patient-index/v1/people?nhs_number=9434765919")).await;
    let url = format!("{base}/record-aggregation/v1/people/{}/record", found["people"][0]["id"].as_str().unwrap());
    let one = |at| {
        let (gp, url) = (gp.clone(), url.clone());
        run_paced(at, READERS, move |_| {
            let (gp, url) = (gp.clone(), url.clone());
            async move { gp.get(&url).await.1 }
        })
    };
    join_all((0..READERS).map(one)).await.concat()
}

async fn measure_senders(at: &PlatformAddress, attack: Attack) -> Vec<Duration> {
    let mllp = at.mllp;
    let one = |sender| async move {
        let line = Arc::new(tokio::sync::Mutex::new(MllpConnection::open(mllp).await.unwrap()));
        run_paced(sender, SENDERS, move |at| {
            let line = line.clone();
            async move {
                let id = format!("{}{sender}N{at}", format!("{attack:?}").chars().take(4).collect::<String>());
                let asked = Instant::now();
                let answer = line.lock().await.send(&admission(&id, "", "19500101", &format!("V{id}"))).await;
                assert!(is_accepted(&answer.unwrap()));
                asked.elapsed()
            }
        })
        .await
    };
    join_all((0..SENDERS).map(one)).await.concat()
}

/// The running attack. Dropping it ends the attack.
struct Attackers {
    _tasks: JoinSet<()>,
    _connections: Vec<TcpStream>,
}

impl Attackers {
    async fn start(platform: &Platform, attack: Attack) -> Self {
        let (port, mut tasks, mut connections) = (platform.port, JoinSet::new(), vec![]);
        match attack {
            // The hostile source needs no attacker.
            Attack::Nothing | Attack::NoSource | Attack::Source => {}
            Attack::HalfHeads => {
                tasks.spawn(async move {
                    loop {
                        let heads =
                            join_all((0..1_500).map(|_| connect_and_send(port, "GET / HTTP/1.1\r\nhost: ".into())))
                                .await;
                        tokio::time::sleep(Duration::from_secs(5)).await;
                        drop(heads);
                    }
                });
            }
            Attack::Searches => {
                let patient = Client::new(Some(&platform.token("patient")));
                let url = format!("http://localhost:{port}/api/patient-index/v1/people/search");
                for _ in 0..4 {
                    let (patient, url) = (patient.clone(), url.clone());
                    tasks.spawn(async move {
                        loop {
                            patient.post(&url, &json!({ "q": "1945-07-14 ".repeat(10_000) })).await;
                        }
                    });
                }
            }
            Attack::Streams => {
                let gp = platform.token("gp");
                let found = Client::new(Some(&gp))
                    .json(&format!("http://localhost:{port}/api/patient-index/v1/people?nhs_number=9434765919"))
                    .await;
                let id = found["people"][0]["id"].as_str().unwrap().to_owned();
                for _ in 0..300 {
                    let head = format!(
                        "GET /api/record-aggregation/v1/people/{id}/record/stream?live=true HTTP/1.1\r\n\
                         host: localhost:{port}\r\nauthorization: Bearer {gp}\r\n\r\n"
                    );
                    connections.extend(connect_and_send(port, head).await);
                }
            }
            Attack::Bodies => {
                for _ in 0..20 {
                    let head = format!(
                        "POST /api/feeds/v1/hl7v2 HTTP/1.1\r\nhost: localhost:{port}\r\n\
                         authorization: Bearer a.b.c\r\ncontent-length: 15000000\r\n\r\nM"
                    );
                    connections.extend(connect_and_send(port, head).await);
                }
            }
        }
        Self { _tasks: tasks, _connections: connections }
    }
}

/// Connects from a separate address and sends `text`.
async fn connect_and_send(port: u16, text: String) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 9], 0))).ok()?;
    let mut stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.ok()?;
    stream.write_all(text.as_bytes()).await.ok()?;
    Some(stream)
}
