//! The demo city's hospitals, sending: first what brought them to their present state, then their day, as it goes on.
//! Over MLLP, like any hospital; nothing here may reach the platform in another way. Started again on the same folder,
//! it tells what happened meanwhile.

use std::{collections::HashMap, fs, net::SocketAddr, path::PathBuf, time::Duration};

use jiff::Timestamp;
use lcr_city::{City, Outgoing};
use lcr_hl7::Client;
use lcr_model::Clock;
use serde_json::json;
use tokio::sync::watch;

use super::super::{rest, token};

/// For one message and its answer.
const DEADLINE: Duration = Duration::from_secs(30);
/// Before a hospital tries again to reach the platform.
const AGAIN: Duration = Duration::from_millis(500);
/// Times a rejected message is sent again.
const REJECTED_AT_MOST: u32 = 20;
/// Left in the data folder once the opening was sent: when.
pub const MARK: &str = "city-opened";
/// The organisation of the persona through whom the people of its practice object.
const OBJECTS_THROUGH: &str = "receptionist";

/// The hospitals of a running city.
pub struct Hospitals {
    pub mllp: SocketAddr,
    pub data_dir: PathBuf,
    /// Set once the opening is in.
    pub opened: watch::Sender<bool>,
}

impl Hospitals {
    /// Sends until dropped.
    pub async fn send(self, opening: impl Iterator<Item = Outgoing>, day: impl Iterator<Item = Outgoing>) {
        let mut lines = Lines { to: self.mllp, open: HashMap::new() };
        let mark = self.data_dir.join(MARK);
        // The opening is the same every day, and longer: what was told before needs no telling again.
        let told = fs::read_to_string(&mark).ok().and_then(|text| text.trim().parse::<Timestamp>().ok());
        let now = now();
        for message in opening.filter(|message| told.is_none_or(|told| message.due >= told)) {
            lines.send(&message).await;
        }
        if fs::write(&mark, now.to_string()).is_err() {
            tracing::warn!("the opening could not be marked as sent; it will be sent again");
        }
        self.opened.send_replace(true);
        for message in day {
            let wait = message.due.duration_since(lcr_model::SystemClock.now());
            tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
            lines.send(&message).await;
        }
    }
}

/// A connection for each hospital's system.
struct Lines {
    to: SocketAddr,
    open: HashMap<&'static str, Client>,
}

impl Lines {
    /// Sends, and again until it is answered, as a hospital's system does.
    async fn send(&mut self, message: &Outgoing) {
        let mut rejected = 0;
        loop {
            let line = match self.open.remove(message.system) {
                Some(line) => Ok(line),
                None => Client::connect(self.to, DEADLINE).await,
            };
            if let Ok(mut line) = line
                && let Ok(answer) = line.send(&message.bytes, DEADLINE).await
            {
                self.open.insert(message.system, line);
                let code = code(&answer);
                // Rejected may be sent again: feeds may not have heard yet who its senders are.
                if code.as_deref() != Some("AR") || rejected == REJECTED_AT_MOST {
                    if code.as_deref() != Some("AA") {
                        tracing::warn!(system = message.system, "a message of the city was not accepted");
                    }
                    return;
                }
                rejected += 1;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// MSA-1.
fn code(answer: &[u8]) -> Option<String> {
    lcr_hl7::Message::read(answer).ok()?.field("MSA", 1).words()
}

/// Those of the city who object and are registered where the demo's receptionist works tell her so. Done once they
/// are in the index; through the public API, like everybody's choice.
pub async fn object(city: &City, port: u16) -> Result<usize, String> {
    let bearer = token::bearer(OBJECTS_THROUGH, port).await?;
    let client = rest::Client::new(port, &bearer)?;
    let mut made = 0;
    for number in city.objectors() {
        let found =
            client.post("/api/patient-index/v1/people/search", &json!({ "nhs_number": number })).await?;
        let Some(id) = found.1["people"][0]["id"].as_str() else { continue };
        let (status, _) = client.post(&format!("/api/consent/v1/people/{id}/opt-out"), &json!({})).await?;
        made += usize::from(status == 201);
    }
    Ok(made)
}

/// Now, for the day's beginning.
pub fn now() -> Timestamp {
    lcr_model::SystemClock.now()
}
