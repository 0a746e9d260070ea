//! The evidence of care that the demo city's partners send: everything at each start, the open cases again every few hours.
//! It must never reach the platform except by the public API, each partner as its own client.

use std::{collections::HashMap, time::Duration};

use lcr_city::{Care, CareMessage};
use tokio::sync::watch;

use super::{
    super::{api_client::ApiClient, token},
    traffic::now,
};

/// The wait before a partner sends a rejected Bundle again, or tries again to reach the platform.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
/// How often a Bundle is sent at most: feeds may not know its sender yet.
const MAX_ATTEMPTS: u32 = 20;
/// A case counts for three days without news, but one of yesterday looks forgotten.
const RENEW_CASES_EVERY: Duration = Duration::from_hours(6);

/// Sends until dropped. `sent` becomes true when all Bundles of the start are answered.
pub async fn send(care: Care, port: u16, sent: watch::Sender<bool>) {
    send_all(care.messages(now()), port).await;
    sent.send_replace(true);
    loop {
        tokio::time::sleep(RENEW_CASES_EVERY).await;
        send_all(care.open_cases(now()), port).await;
    }
}

/// Sends Bundles one after the other. Tokens are short-lived, so each call signs in anew.
async fn send_all(messages: Vec<CareMessage>, port: u16) {
    let mut clients = HashMap::new();
    for message in messages {
        if !send_one(&message, port, &mut clients).await {
            tracing::warn!(system = message.system, "a Bundle of the city was not accepted");
        }
    }
}

/// Whether the Bundle was accepted. One that feeds cannot read is not sent again.
async fn send_one(message: &CareMessage, port: u16, clients: &mut HashMap<&'static str, ApiClient>) -> bool {
    for _ in 0..MAX_ATTEMPTS {
        let client = match clients.remove(message.system) {
            Some(client) => Some(client),
            None => sign_in(message.system, port).await.ok(),
        };
        if let Some(client) = client
            && let Ok((status @ (200 | 400), _)) = client.post("/api/feeds/v1/fhir", &message.bundle).await
        {
            clients.insert(message.system, client);
            return status == 200;
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
    false
}

async fn sign_in(system: &str, port: u16) -> Result<ApiClient, String> {
    ApiClient::new(port, &token::bearer(&format!("{system}-feed"), port).await?)
}
