//! The `CertificateValid` condition. It judges dates and chain only, and must not decide whether a system is queried.

use jiff::{Timestamp, tz::TimeZone};

use super::{ConditionValue, status_false, status_true, status_unknown};

/// Warn this many days before expiry, so that the partner has time to renew.
const EXPIRY_WARNING_DAYS: i64 = 14;

/// A certificate as the endpoint presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub not_after: Timestamp,
    /// Whether its chain leads to a trusted authority and its name matches the host.
    pub trusted: bool,
}

pub(super) fn certificate_value(
    certificate: Option<&Certificate>,
    bundle: Option<&str>,
    now: Timestamp,
) -> ConditionValue {
    let Some(certificate) = certificate else {
        return status_unknown("NotSeen", "it presented no certificate");
    };
    let days_left = certificate.not_after.duration_since(now).as_hours().div_euclid(24);
    let last_day = certificate.not_after.to_zoned(TimeZone::UTC).date();
    if certificate.not_after <= now {
        return status_false("Expired", format!("it expired on {last_day}"));
    }
    match bundle {
        // The service that queries this system trusts the same authorities: those in the platform's bundle.
        Some(name) if !certificate.trusted => {
            let reason = "no trusted authority has signed it for this name; the platform's bundle should contain";
            status_false("NotTrusted", format!("{reason} `{name}`"))
        }
        None if !certificate.trusted => status_false("NotTrusted", "no trusted authority has signed it for this name"),
        _ if days_left < EXPIRY_WARNING_DAYS => {
            status_false("ExpiresSoon", format!("{days_left} days left, until {last_day}"))
        }
        _ => status_true("Valid", format!("{days_left} days left, until {last_day}")),
    }
}
