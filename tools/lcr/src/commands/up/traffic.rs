//! The traffic of the demo city's hospitals: first the history of the present stays, then the messages of the day. After a
//! restart on the same folder it sends the messages that fell due meanwhile. It must never reach the platform except by
//! MLLP and the public API.

use std::{collections::HashMap, fs, net::SocketAddr, path::PathBuf, time::Duration};

use jiff::Timestamp;
use lcr_city::{City, OutgoingMessage};
use lcr_hl7::Client;
use lcr_model::Clock;
use serde_json::json;
use tokio::sync::watch;

use super::super::{api_client, token};

/// The time limit for one message and its answer.
const DEADLINE: Duration = Duration::from_secs(30);
/// The wait before a hospital tries again to reach the platform.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
/// How often a rejected message is sent again.
const MAX_REJECTIONS: u32 = 20;
/// The file in the data folder that holds the time at which the history was sent.
pub const HISTORY_SENT_FILE: &str = "city-opened";
/// The persona who records the objections of her practice's patients.
const OBJECTION_PERSONA: &str = "receptionist";

/// The hospitals of a running city.
pub struct Hospitals {
    pub mllp: SocketAddr,
    pub data_dir: PathBuf,
    /// Becomes true when the whole history is answered.
    pub history_sent: watch::Sender<bool>,
}

impl Hospitals {
    /// Sends until dropped.
    pub async fn send(
        self,
        history: impl Iterator<Item = OutgoingMessage>,
        day: impl Iterator<Item = OutgoingMessage>,
    ) {
        let mut connections = Connections { to: self.mllp, open: HashMap::new() };
        let mark = self.data_dir.join(HISTORY_SENT_FILE);
        // The history grows from day to day, so messages that were sent before are left out.
        let sent_until = fs::read_to_string(&mark).ok().and_then(|text| text.trim().parse::<Timestamp>().ok());
        let now = now();
        for message in history.filter(|message| sent_until.is_none_or(|sent_until| message.due >= sent_until)) {
            connections.send(&message).await;
        }
        if fs::write(&mark, now.to_string()).is_err() {
            tracing::warn!("the history could not be marked as sent; it will be sent again");
        }
        self.history_sent.send_replace(true);
        for message in day {
            let wait = message.due.duration_since(lcr_model::SystemClock.now());
            tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
            connections.send(&message).await;
        }
    }
}

/// One connection for each hospital's system.
struct Connections {
    to: SocketAddr,
    open: HashMap<&'static str, Client>,
}

impl Connections {
    /// Sends a message until it is answered, as a hospital's system does.
    async fn send(&mut self, message: &OutgoingMessage) {
        let mut rejected = 0;
        loop {
            let connection = match self.open.remove(message.system) {
                Some(connection) => Ok(connection),
                None => Client::connect(self.to, DEADLINE).await,
            };
            if let Ok(mut connection) = connection
                && let Ok(answer) = connection.send(&message.bytes, DEADLINE).await
            {
                self.open.insert(message.system, connection);
                let code = acknowledgement_code(&answer);
                // A rejected message is sent again: feeds may not know its senders yet.
                if code.as_deref() != Some("AR") || rejected == MAX_REJECTIONS {
                    if code.as_deref() != Some("AA") {
                        tracing::warn!(system = message.system, "a message of the city was not accepted");
                    }
                    return;
                }
                rejected += 1;
            }
            tokio::time::sleep(RETRY_INTERVAL).await;
        }
    }
}

/// MSA-1 of an answer.
fn acknowledgement_code(answer: &[u8]) -> Option<String> {
    lcr_hl7::Message::read(answer).ok()?.field("MSA", 1).first_text()
}

/// Objects for the people of the city who object and are registered at the receptionist's practice, through the public
/// API. Requires that they are in the index.
pub async fn make_objections(city: &City, port: u16) -> Result<usize, String> {
    let bearer = token::bearer(OBJECTION_PERSONA, port).await?;
    let client = api_client::ApiClient::new(port, &bearer)?;
    let mut made = 0;
    for number in city.objectors() {
        let found = client.post("/api/patient-index/v1/people/search", &json!({ "nhs_number": number })).await?;
        let Some(id) = found.1["people"][0]["id"].as_str() else { continue };
        let (status, _) = client.post(&format!("/api/consent/v1/people/{id}/opt-out"), &json!({})).await?;
        made += usize::from(status == 201);
    }
    Ok(made)
}

/// The present time, from which the day's messages are planned.
pub fn now() -> Timestamp {
    lcr_model::SystemClock.now()
}
