//! Sends the messages of the city's hospitals and partners to a platform. It must never send what the city did not make.

use std::collections::BTreeMap;

use lcr_city::{CareMessage, Step};
use lcr_model::{Clock, SystemClock};

use super::Platform;
use crate::{Actor, mllp::MllpConnection};

impl Platform {
    /// Sends the message history of the city's hospitals and waits until it is consumed.
    pub async fn send_history(&self) {
        let mut hospital = MllpConnection::open(self.ports.mllp()).await.expect("an MLLP listener");
        for message in self.city().history() {
            hospital.send_accepted(&message.bytes).await;
        }
        self.wait_loaded().await;
    }

    /// Sends the message of the next step in the stay of a cast member, and waits until it is consumed.
    pub async fn send_next_message(&self, who: &str, step: Step) {
        let message = self.city().next_message_for(who, step).expect("a cast member");
        let mut hospital = MllpConnection::open(self.ports.mllp()).await.expect("an MLLP listener");
        hospital.send_accepted(&message.bytes).await;
        self.wait_loaded().await;
    }

    /// Sends the evidence of care of the city's partners, the hospital's by HL7 v2 and the others' each as its own client, and
    /// waits until it is consumed.
    pub async fn send_care(&self) {
        let (care, now) = (self.city().care(), SystemClock.now());
        let mut hospital = MllpConnection::open(self.ports.mllp()).await.expect("an MLLP listener");
        for message in care.hospital_messages(now) {
            hospital.send_accepted(&message.bytes).await;
        }
        self.send_bundles(care.messages(now)).await;
        self.wait_loaded().await;
    }

    /// Sends Bundles of the city's partners and returns when they are accepted.
    pub async fn send_bundles(&self, messages: Vec<CareMessage>) {
        let mut clients: BTreeMap<&str, Actor> = BTreeMap::new();
        for CareMessage { system, bundle } in messages {
            let client = match clients.remove(system) {
                Some(client) => client,
                None => self.actor(&format!("{system}-feed")).await,
            };
            let answer = client.post("/api/feeds/v1/fhir", &bundle).await;
            assert_eq!(answer.status, 200, "{system}: {}", answer.text());
            clients.insert(system, client);
        }
    }
}
