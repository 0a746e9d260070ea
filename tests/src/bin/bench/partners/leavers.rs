//! The time from the word that ends a person's access until every service refuses their token and their open record is closed. The
//! word is the directory's, by SCIM, or their own end of the session. In the split form NATS carries it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::{join, join_all};
use lcr_tests::{Actor, Answer, Events, ProviderUser};
use reqwest::Method;
use serde_json::{Value, json};

use super::{GIVE_UP, Hospital, POLL_INTERVAL, ROUNDS, user};
use crate::{report::Report, traffic::percentile};

const LIMIT_MS: f64 = 1000.0;

/// How somebody's access ends.
#[derive(Debug, Clone, Copy)]
enum Way {
    Directory,
    EndOfSession,
}

pub async fn measure(hospital: &Hospital<'_>, form: &str, report: &mut Report) {
    for (way, what) in [(Way::Directory, "ended by SCIM"), (Way::EndOfSession, "session ended")] {
        let mut times = vec![];
        for number in 0..ROUNDS {
            times.push(leave(hospital, way, number).await);
        }
        let name = |percent: u8| format!("leaver: {what} to refusal everywhere, {form}, p{percent}");
        let note = "from sending; four services refuse, the open record is closed; 40 rounds";
        report.add(&name(50), percentile(&mut times, 50), "ms", note);
        report.add(&name(99), percentile(&mut times, 99), "ms", "limit: 1 s");
        report.limit(&name(99), LIMIT_MS);
    }
}

/// Somebody signs in, opens a record and leaves. Returns the time until nothing is open to them.
async fn leave(hospital: &Hospital<'_>, way: Way, number: usize) -> Duration {
    let leaver = nurse(way, number);
    let nurse = hospital.provider.sign_in(hospital.platform.anonymous(), leaver).await;
    let mut page = open_page(hospital, &nurse).await;
    let last = LastWord::prepare(hospital, way, leaver, &nurse).await;
    let requests = requests(hospital);
    for request in &requests {
        let answer = request.send(&nurse).await;
        assert!(answer.status == 200 && !is_refused(&answer), "{}: {}", request.path, answer.text());
    }
    let sent = Instant::now();
    last.send(hospital, &nurse).await;
    let refused = requests.iter().map(|request| wait_until_refused(request, &nurse));
    join(wait_until_closed(&mut page), join_all(refused)).await;
    sent.elapsed()
}

/// Somebody new in each round: whoever has left by SCIM does not come back.
fn nurse(way: Way, number: usize) -> ProviderUser {
    user(format!("bench-{way:?}-{number}").leak(), "Omar Said", "ward-nurse")
}

/// The request that ends somebody's access.
enum LastWord {
    /// The directory's address of them.
    Deactivate(String),
    /// The address of their session.
    End(String),
}

impl LastWord {
    async fn prepare(hospital: &Hospital<'_>, way: Way, leaver: ProviderUser, nurse: &Actor) -> Self {
        match way {
            Way::Directory => {
                let user = json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": format!("{}@st-hildas.example", leaver.subject), "externalId": leaver.subject,
                    "active": true,
                });
                let made = hospital.directory.post("/scim/v2/Users", &user).await;
                assert_eq!(made.status, 201, "{}", made.text());
                Self::Deactivate(format!("/scim/v2/Users/{}", made.json()["id"].as_str().unwrap()))
            }
            Way::EndOfSession => {
                let own = nurse.get("/api/identity/v1/sessions").await.json();
                let session = own["sessions"][0]["session"].as_str().unwrap();
                Self::End(format!("/api/identity/v1/sessions/{session}/end"))
            }
        }
    }

    async fn send(&self, hospital: &Hospital<'_>, nurse: &Actor) {
        let answer = match self {
            Self::Deactivate(path) => {
                let patch = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "replace", "path": "active", "value": false }],
                });
                let body = Some(("application/scim+json", Bytes::from(patch.to_string())));
                hospital.directory.send(Method::PATCH, path, body).await
            }
            Self::End(path) => nurse.post(path, &json!({})).await,
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// A request that the person may make as long as they are signed in.
struct Request {
    path: String,
    /// A request with a body is a POST.
    body: Option<Value>,
}

impl Request {
    async fn send(&self, nurse: &Actor) -> Answer {
        match &self.body {
            Some(body) => nurse.post(&self.path, body).await,
            None => nurse.get(&self.path).await,
        }
    }
}

/// One request to each service that answers a nurse: the decision itself, and what follows from one.
fn requests(hospital: &Hospital<'_>) -> [Request; 4] {
    let Hospital { person, nhs_number, .. } = hospital;
    let get = |path: String| Request { path, body: None };
    let post = |path: &str, body| Request { path: path.to_owned(), body: Some(body) };
    [
        post("/api/consent/v1/decisions", json!({ "person": person })),
        post("/api/patient-index/v1/people/search", json!({ "nhs_number": nhs_number })),
        get(format!("/api/record-aggregation/v1/people/{person}/record?datasets=allergies")),
        get("/api/virtual-ward/v1/inpatients?watched=true".to_owned()),
    ]
}

fn is_refused(answer: &Answer) -> bool {
    answer.status == 401 || (answer.status == 200 && answer.json()["allowed"] == false)
}

async fn wait_until_refused(request: &Request, nurse: &Actor) {
    let started = Instant::now();
    while !is_refused(&request.send(nurse).await) {
        assert!(started.elapsed() < GIVE_UP, "{} still answers a leaver", request.path);
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Opens the person's record and reads it to its end. It stays open for changes.
async fn open_page(hospital: &Hospital<'_>, nurse: &Actor) -> Events {
    let path = format!("/api/record-aggregation/v1/people/{}/record/stream?live=true", hospital.person);
    let mut page = nurse.stream(&path).await;
    loop {
        let (_, data) = page.next().await.unwrap();
        if serde_json::from_str::<Value>(&data).unwrap()["complete"] == true {
            return page;
        }
    }
}

/// Waits until the open record says why it can no longer be shown.
async fn wait_until_closed(page: &mut Events) {
    while let Some((_, data)) = page.next().await {
        if serde_json::from_str::<Value>(&data).unwrap()["detail"].is_string() {
            return;
        }
    }
}
