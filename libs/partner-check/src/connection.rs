//! The first call, `GET /metadata`: whether the source is reachable, over TLS, with our credentials, in FHIR 4.0. The run must not
//! go on after a failure here.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_fhir::{json, read};
use lcr_web::{AuthenticatedError, OutboundError, outbound::Answer};
use serde_json::Value;

use crate::{report::Report, source::Source, time};

/// The types that the source says it offers. `None` if the run cannot go on.
pub async fn check(source: &Source, report: &mut Report, now: Timestamp) -> Option<BTreeSet<String>> {
    let answer = match source.get(source.url("metadata")).await {
        Ok(answer) => answer,
        Err(error) => {
            report_no_answer(error, report);
            return None;
        }
    };
    report.passed("reachable", "The source answers.");
    report_tls(source, report);
    time::check_clock(&answer.headers, now, report);
    match answer.status {
        200 => read_statement(&answer, report),
        401 | 403 => {
            let status = answer.status;
            let text = format!("The source refused us with status {status}: check the credentials that you gave us.");
            report.failed("authentication", text);
            None
        }
        status => {
            let text = format!("GET /metadata was answered with status {status} in place of a CapabilityStatement.");
            report.failed("capability", format!("{text} Check the base address."));
            None
        }
    }
}

fn report_no_answer(error: AuthenticatedError, report: &mut Report) {
    match error {
        AuthenticatedError::TokenRefused => report.failed(
            "authentication",
            "The token endpoint gave us no token. Check its address, the client id, the secret or key, and the scope.",
        ),
        AuthenticatedError::UnusableCredentials => {
            report.failed(
                "authentication",
                "The credentials cannot be used. Set them again: a key or an address is not valid.",
            );
        }
        AuthenticatedError::Outbound(OutboundError::Tls) => {
            report.passed("reachable", "A server answers at this address.");
            report.failed(
                "tls",
                "No secure connection. The server's certificate must be in date, name this host and be signed by a CA that we \
                 trust. If the server wants a client certificate, set it up as the credentials.",
            );
        }
        AuthenticatedError::Outbound(error) => report.failed("reachable", unreachable_text(error)),
    }
}

fn unreachable_text(error: OutboundError) -> &'static str {
    match error {
        OutboundError::Refused => {
            "We may not call this address. Use https and a public address, or ask us to allow your private range."
        }
        OutboundError::TimedOut => "No answer within 5 seconds. Check the address and your firewall.",
        OutboundError::TooLarge => "The CapabilityStatement is larger than 4 MB.",
        OutboundError::Connect | OutboundError::Tls => {
            "No connection. Check the address, your firewall, and the token endpoint if there is one."
        }
        OutboundError::Broken => "The connection broke off before an answer came, or the answer was not HTTP.",
    }
}

fn report_tls(source: &Source, report: &mut Report) {
    if source.base().scheme() == "https" {
        report.passed("tls", "The connection is secure, and we trust the certificate.");
    } else {
        let text = "Plain http. Only a source on the same machine may be called so, in a demonstration.";
        report.warning("tls", text);
    }
}

fn read_statement(answer: &Answer, report: &mut Report) -> Option<BTreeSet<String>> {
    let statement = json::parse(&answer.body).unwrap_or(Value::Null);
    if read::str_at(&statement, "resourceType") != Some("CapabilityStatement") {
        report.failed("capability", "GET /metadata was not answered with a CapabilityStatement in JSON.");
        return None;
    }
    let version = read::str_at(&statement, "fhirVersion").unwrap_or_default();
    if !version.starts_with("4.0.") {
        // Only a text of the form of a version is repeated.
        let is_version = version.len() <= 12 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let said = if is_version && !version.is_empty() { version } else { "of another version" };
        report.failed("capability", format!("The source speaks FHIR {said}. We read FHIR R4, which is 4.0.1."));
        return None;
    }
    let resources = read::list(&statement, "rest").iter().flat_map(|rest| read::list(rest, "resource"));
    let offered: BTreeSet<String> = resources.filter_map(|resource| read::text(resource, "type")).collect();
    if offered.is_empty() {
        report.failed("capability", "The CapabilityStatement names no resource type under rest.resource.");
        return None;
    }
    report.passed("capability", format!("FHIR {version}, with {} resource types.", offered.len()));
    Some(offered)
}
