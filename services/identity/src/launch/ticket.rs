//! The ticket of a verified launch: the new session's secret and the patient, sealed in a cookie until the browser has
//! followed the redirect. The server stores nothing. A ticket must never be in a URL or a log.

use lcr_contracts::{
    Failure, Identity as _,
    identity::{Launch, LaunchPatient, LaunchTicket},
};
use lcr_model::Phi;
use serde::{Deserialize, Serialize};

use crate::service::Service;

/// How long the browser may take for the redirect.
pub const TICKET_SECONDS: i64 = 60;
/// The associated data of a sealed ticket.
const SEAL_CONTEXT: &str = "launch";

#[derive(Serialize, Deserialize)]
struct Ticket {
    /// The end of its life, in seconds since 1970.
    until: i64,
    secret: Phi<String>,
    patient: LaunchPatient,
}

pub fn seal(
    service: &Service,
    secret: Phi<String>,
    patient: LaunchPatient,
    framed: bool,
) -> Result<LaunchTicket, Failure> {
    let ticket = Ticket { until: service.clock.now().as_second() + TICKET_SECONDS, secret, patient };
    let plain = serde_json::to_vec(&ticket).map_err(Failure::internal)?;
    let sealed = service.data_keys.seal(SEAL_CONTEXT, &plain).map_err(Failure::internal)?;
    Ok(LaunchTicket { sealed: Phi::new(sealed), framed })
}

/// The launch of a ticket. `None` if the ticket is not ours, is too old, or its session has ended.
pub async fn open(service: &Service, sealed: &str) -> Result<Option<Launch>, Failure> {
    let plain = service.data_keys.open(SEAL_CONTEXT, sealed).ok();
    let ticket = plain.and_then(|plain| serde_json::from_slice::<Ticket>(&plain).ok());
    let Some(ticket) = ticket.filter(|ticket| ticket.until >= service.clock.now().as_second()) else {
        return Ok(None);
    };
    let Ticket { secret, patient, .. } = ticket;
    Ok(service.session(&secret, true).await?.map(|signed_in| Launch { signed_in, secret, patient }))
}
