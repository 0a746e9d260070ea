//! How a `PartnerSystem` stands, in the four conditions of its status. Pure: from the resource, what was observed, what
//! was said before, and the time. A condition's time changes when its status does and never otherwise: else each write
//! of a status would be news, and be written again for ever.
//!
//! `Ready` says that all which is ours to do is done and holds. That a system does not answer for a while is said by
//! `Reachable` and alarms by itself; it does not make the system unready, or every fault of 300 partners would look
//! like one of ours. A certificate that nobody will accept does.

mod certificate;

use jiff::{Timestamp, Unit};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::agreement::{self, Standing};
use crate::crd::{Agreement, PartnerSystem, Protocol};

pub use certificate::Certificate;

pub const AGREEMENT: &str = "AgreementCurrent";
pub const CERTIFICATE: &str = "CertificateValid";
pub const REACHABLE: &str = "Reachable";
pub const READY: &str = "Ready";
/// All of them, as a status lists them.
pub const TYPES: [&str; 4] = [AGREEMENT, CERTIFICATE, REACHABLE, READY];

/// What was found out about a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Why its way out could not be written, if it could not.
    pub way: Result<(), String>,
    /// Identity holds the row that this resource is; unknown before the first push of this process.
    pub registered: Option<bool>,
    /// Why identity did not take its row.
    pub refused: Option<String>,
    /// The last look at its endpoint; none was made yet, or none can be.
    pub probed: Option<Probed>,
}

/// What a look at an endpoint showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    pub reached: Result<(), Unreached>,
    pub certificate: Option<Certificate>,
}

/// Why an endpoint was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreached {
    NoAddress,
    NotPermitted,
    TimedOut,
    NoConnection,
    NoTls,
}

/// The reason while nobody has looked.
const NOT_LOOKED: &str = "NotLookedYet";

/// A condition before it is known since when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Says {
    status: &'static str,
    reason: &'static str,
    message: String,
}

fn yes(reason: &'static str, message: impl Into<String>) -> Says {
    Says { status: "True", reason, message: message.into() }
}

fn no(reason: &'static str, message: impl Into<String>) -> Says {
    Says { status: "False", reason, message: message.into() }
}

fn unknown(reason: &'static str, message: impl Into<String>) -> Says {
    Says { status: "Unknown", reason, message: message.into() }
}

/// The conditions of `system`, given those said before.
pub fn conditions(
    system: &PartnerSystem,
    observed: &Observed,
    previous: &[Condition],
    now: Timestamp,
) -> Vec<Condition> {
    let standing = agreement::standing(system, now);
    let agreement = agreement_current(system, standing);
    let (certificate, reachable) = endpoint(system, observed, previous, now);
    let registered = observed.registered.unwrap_or_else(|| was_registered(system, previous));
    let ready = ready(system, standing, observed, registered, &certificate, &reachable);
    let said = [agreement, certificate, reachable, ready];
    TYPES.into_iter().zip(said).map(|(type_, says)| since(system, type_, says, previous, now)).collect()
}

/// The status of one of them.
pub fn status_of<'c>(conditions: &'c [Condition], type_: &str) -> &'c str {
    conditions.iter().find(|one| one.type_ == type_).map_or("Unknown", |one| one.status.as_str())
}

fn since(
    system: &PartnerSystem,
    type_: &str,
    says: Says,
    previous: &[Condition],
    now: Timestamp,
) -> Condition {
    let held = previous.iter().find(|one| one.type_ == type_ && one.status == says.status);
    // The API server keeps whole seconds; what it gives back must equal what was sent.
    let now = now.round(Unit::Second).unwrap_or(now);
    Condition {
        type_: type_.to_owned(),
        status: says.status.to_owned(),
        reason: says.reason.to_owned(),
        message: says.message,
        observed_generation: system.metadata.generation,
        last_transition_time: held.map_or(Time(now), |one| one.last_transition_time.clone()),
    }
}

fn agreement_current(system: &PartnerSystem, standing: Standing) -> Says {
    let spec = &system.spec;
    let Some(Agreement { reference, signed_on, expires }) = &spec.agreement else {
        return no("NotSigned", "there is no agreement");
    };
    let until = expires.map_or_else(|| "until it is ended".to_owned(), |last| format!("until {last}"));
    match standing {
        Standing::Current => yes("Current", format!("{reference}, {until}")),
        Standing::SignedElsewhere => yes("SignedInPortal", "the portal keeps the agreement"),
        Standing::Expired => no("Expired", format!("{reference} held {until}")),
        Standing::NotSigned => match signed_on {
            Some(day) => no("NotSigned", format!("{reference} begins on {day}")),
            None => no("NotSigned", format!("{reference} is not signed")),
        },
    }
}

/// `CertificateValid` and `Reachable`.
fn endpoint(
    system: &PartnerSystem,
    observed: &Observed,
    previous: &[Condition],
    now: Timestamp,
) -> (Says, Says) {
    let both = |says: Says| (says.clone(), says);
    if system.spec.protocol != Protocol::FhirR4 {
        return both(unknown("CallsUs", "it sends to us and is not asked; feeds checks who it is"));
    }
    if system.spec.suspended {
        return both(unknown("Suspended", "nobody asks it"));
    }
    match &observed.probed {
        Some(probed) => {
            let bundle = system.spec.trust_bundle_ref.as_deref();
            (certificate::says(probed.certificate.as_ref(), bundle, now), reachable(probed.reached))
        }
        None => (
            still(system, CERTIFICATE, previous).unwrap_or_else(not_looked),
            still(system, REACHABLE, previous).unwrap_or_else(not_looked),
        ),
    }
}

fn not_looked() -> Says {
    unknown(NOT_LOOKED, "nobody has looked yet")
}

/// What another replica, or this one before it was started anew, has found out of the same spec.
fn still(system: &PartnerSystem, type_: &str, previous: &[Condition]) -> Option<Says> {
    const REASONS: [&str; 11] = [
        "Answers",
        "NoAddress",
        "NotPermitted",
        "TimedOut",
        "NoConnection",
        "NoTls",
        "Valid",
        "ExpiresSoon",
        "Expired",
        "NotTrusted",
        "NotSeen",
    ];
    let held = previous.iter().find(|one| one.type_ == type_)?;
    if held.observed_generation != system.metadata.generation {
        return None;
    }
    let reason = REASONS.into_iter().find(|reason| *reason == held.reason)?;
    let status = ["True", "False", "Unknown"].into_iter().find(|status| *status == held.status)?;
    Some(Says { status, reason, message: held.message.clone() })
}

/// Whoever led before has seen it registered.
fn was_registered(system: &PartnerSystem, previous: &[Condition]) -> bool {
    let held = previous
        .iter()
        .find(|one| one.type_ == READY && one.observed_generation == system.metadata.generation);
    // What is asked for only once it is registered.
    let after = ["InPlace", "NotAnswering", "CertificateRefused", NOT_LOOKED];
    held.is_some_and(|one| after.contains(&one.reason.as_str()))
}

fn reachable(reached: Result<(), Unreached>) -> Says {
    match reached {
        Ok(()) => yes("Answers", "it answers over TLS"),
        Err(Unreached::NoAddress) => no("NoAddress", "its name has no address"),
        Err(Unreached::NotPermitted) => {
            no("NotPermitted", "its address is private, and not within egressAllow")
        }
        Err(Unreached::TimedOut) => no("TimedOut", "it does not answer in time"),
        Err(Unreached::NoConnection) => no("NoConnection", "it takes no connection"),
        Err(Unreached::NoTls) => {
            no("NoTls", "it took the connection and spoke no TLS: it, or the way out, refuses us")
        }
    }
}

fn ready(
    system: &PartnerSystem,
    standing: Standing,
    observed: &Observed,
    registered: bool,
    certificate: &Says,
    reachable: &Says,
) -> Says {
    if system.spec.suspended {
        return no("Suspended", "its way out is closed, and nothing is taken from it");
    }
    if !standing.holds() {
        return no("NoAgreement", "nothing is shared while no agreement holds");
    }
    if let Err(why) = &observed.way {
        return no("WayNotOpen", format!("its way out is not written: {why}"));
    }
    if let Some(why) = &observed.refused {
        return no("Refused", format!("identity does not take its row: {why}"));
    }
    if !registered {
        return no("NotRegistered", "identity has not taken its row yet");
    }
    match certificate.reason {
        "Expired" | "NotTrusted" => no("CertificateRefused", certificate.message.clone()),
        // All of ours is done, and still nothing comes of it: whoever reads `True` takes it to work.
        _ if reachable.status == "False" => no("NotAnswering", reachable.message.clone()),
        _ if reachable.reason == NOT_LOOKED => {
            unknown(NOT_LOOKED, "registered; nobody has looked yet whether it answers")
        }
        _ => yes("InPlace", "registered, and its way is open"),
    }
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
