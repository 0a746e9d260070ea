//! What a peer's certificate is worth. Only dates and the chain are judged; whether to go on asking is not decided here.

use jiff::{Timestamp, tz::TimeZone};

use super::{Says, no, unknown, yes};

/// Days before the end from which it is said to end soon: time to write to a partner and be heard.
const SOON: i64 = 14;

/// A certificate as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub not_after: Timestamp,
    /// Its chain leads to an authority we trust, and its name is the host's.
    pub trusted: bool,
}

pub(super) fn says(shown: Option<&Certificate>, bundle: Option<&str>, now: Timestamp) -> Says {
    let Some(certificate) = shown else { return unknown("NotSeen", "it showed no certificate") };
    let left = certificate.not_after.duration_since(now).as_hours().div_euclid(24);
    let last = certificate.not_after.to_zoned(TimeZone::UTC).date();
    if certificate.not_after <= now {
        return no("Expired", format!("it ended on {last}"));
    }
    match bundle {
        // Who calls it trusts whom we trust: those the platform is given, and no others.
        Some(name) if !certificate.trusted => {
            let why = "no authority that the platform trusts has signed it for this name; it is to be among them as";
            no("NotTrusted", format!("{why} `{name}`"))
        }
        None if !certificate.trusted => {
            no("NotTrusted", "no authority that the platform trusts has signed it for this name")
        }
        _ if left < SOON => no("ExpiresSoon", format!("{left} days left, until {last}")),
        _ => yes("Valid", format!("{left} days left, until {last}")),
    }
}
