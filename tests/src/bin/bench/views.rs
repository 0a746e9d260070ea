//! Searches and whole records whose answers are at hand, asked from outside the process over kept connections, and the same
//! bytes from a server that decides and records nothing. It must never measure the first answer, which asks the sources.

use std::time::Duration;

use super::{
    connection::{Answers, Connection, Question, ask_at_once},
    kernel::cpu_seconds,
    load::Client,
    process::Platform,
    report::Report,
    rounds::{Rounds, repeat},
    view,
};

/// Fredrica Smith of the city's cast. Every source knows her, and hers is the largest planted record.
pub const LARGEST: &str = "9434765919";
const BARE_LASTS: Duration = Duration::from_secs(1);
const LASTS: Duration = Duration::from_millis(1500);
const FEW: usize = 8;
const MANY: usize = 16;

pub async fn measure(platform: &Platform, report: &mut Report) {
    for (name, question) in questions(platform).await {
        let mut first = Connection::default();
        first.ask(&question).await;
        let body = first.body().to_vec();
        report.add(&format!("{name}: size"), body.len() as f64 / 1000.0, "kB", "of the answer's body");
        let bare = Question::get(view::start_bare_server(body).await, "/", None);
        repeat(report, async |_, rounds: &mut Rounds| {
            one_round(platform, name, &question, &bare, rounds).await;
        })
        .await;
    }
}

/// The names of the figures and what is asked for them.
async fn questions(platform: &Platform) -> Vec<(&'static str, Question)> {
    let (port, token) = (platform.port, platform.token("gp"));
    let source = |at: u16| format!("http://127.0.0.1:{}", port + 20 + at);
    let ordinary = view::people(&source(0), &[source(4), source(5)], 1).await.remove(0);
    let search = format!("/fhir/R4/Patient?identifier={}%7C{LARGEST}", view::NHS);
    let (largest, ordinary) =
        (record_path(platform, &token, LARGEST).await, record_path(platform, &token, &ordinary).await);
    let get = |path: &str| Question::get(port, path, Some(&token));
    vec![("Patient?identifier=", get(&search)), ("record", get(&largest)), ("ordinary record", get(&ordinary))]
}

/// The path of the record of the person with this NHS number.
pub async fn record_path(platform: &Platform, token: &str, number: &str) -> String {
    format!("/api/record-aggregation/v1/people/{}/record", find_person(platform, token, number).await)
}

/// The id of the person with this NHS number.
pub async fn find_person(platform: &Platform, token: &str, number: &str) -> String {
    let url = format!("http://localhost:{}/api/patient-index/v1/people?nhs_number={number}", platform.port);
    let found = Client::new(Some(token)).json(&url).await;
    found["people"][0]["id"].as_str().unwrap().to_owned()
}

async fn one_round(platform: &Platform, name: &str, question: &Question, bare: &Question, rounds: &mut Rounds) {
    let (limit, ours) =
        (format!("{name}: bare axum, same bytes"), format!("{name}: decided, recorded, answered, {MANY} askers"));
    let bare = ask_at_once(bare, MANY, BARE_LASTS).await;
    rounds.add(&limit, bare.rate, "/s", "16 askers; a server that only sends these bytes");
    for askers in [FEW, MANY] {
        let before = cpu_seconds(platform.process_id());
        let answers = ask_at_once(question, askers, LASTS).await;
        let processor = cpu_seconds(platform.process_id()) - before;
        add_answers(name, askers, &answers, processor, rounds);
    }
    let note = "how many times as many a server answers that only sends the bytes; 1 is the limit; \
                aim: at most 20 for a record, 6 for a search";
    rounds.ratio(&format!("{name}: bare axum over ours"), &limit, &ours, note);
}

fn add_answers(name: &str, askers: usize, answers: &Answers, processor: f64, rounds: &mut Rounds) {
    let of = |what: &str| format!("{name}: {what}, {askers} askers");
    rounds.add(&of("decided, recorded, answered"), answers.rate, "/s", "kept connections; each view an fsynced entry");
    rounds.add(&of("p50"), answers.p50, "ms", "of an answer");
    rounds.add(&of("p99"), answers.p99, "ms", "of an answer; aim for a record at 16 askers: 15 ms");
    let each = processor * 1000.0 / answers.count;
    rounds.add(&of("processor"), each, "ms", "of processor time for an answer, of the platform with its demo city");
}
