//! The conformance run against a system: over FHIR by `lcr-partner-check`, for a system that only sends by its feed's profile.
//! The report is stored with the connection that it is about. It must never name a patient.

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    events::PartnersChanged,
    partners::{
        ChangeResult, PartnerReceipt,
        system::{Check, CheckOutcome, CheckReport},
    },
    registry::System,
};
use lcr_model::SourceId;
use lcr_partner_check::CheckTarget;
use lcr_web::outbound::AuthenticatedOutbound;
use reqwest::Url;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{
    edit::{self, conflict},
    fingerprint::{agreed, fingerprint},
};
use crate::{
    organisations::{self, StateEvent},
    partners::Author,
    service::Service,
    store::{check_report, system_row},
};

/// Runs the check and stores its report. It changes nothing of the system itself, so a row of the operator is checked too.
pub async fn check(service: &Service, author: Author, id: SourceId) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    let row = system_row::find(service.store.read(), &id).await?;
    let is_own = |system: &System| system.organisation == author.organisation && !system.setup.removed;
    let system = row.map(|row| row.system).filter(is_own);
    let system = system.ok_or_else(Failure::not_found)?;
    let report = run(service, &system, author.now).await;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let checked = fingerprint(&system);
        let now = edit::find_own(&tx, &author, &id).await?.system;
        if fingerprint(&now) != checked {
            return Err(conflict("The system was changed while it was checked. Run the check again.").into());
        }
        check_report::upsert(&tx, &id, &checked, &report).await?;
        let events = advance(&tx, &author, report.passed()).await?;
        let outcome = if report.passed() { "it passed" } else { "it did not pass" };
        let what = format!("Checked the system {id}: {outcome}");
        let result = ChangeResult::Report(report);
        Ok(edit::publish_with_entry(&tx, &author, &id, what, result, &events).await?)
    });
    write.await
}

/// Moves the organisation on when all that it set up has passed, and back when this check failed.
async fn advance(tx: &DatabaseTransaction, author: &Author, passed: bool) -> Result<Vec<PartnersChanged>, DbErr> {
    let (ods, now) = (&author.organisation, author.now);
    let mut events = organisations::advance(tx, ods, StateEvent::Connected, now).await?;
    if passed {
        events.extend(organisations::advance_by_setup(tx, ods, now).await?);
    } else {
        events.extend(organisations::advance(tx, ods, StateEvent::Changed, now).await?);
    }
    Ok(events)
}

async fn run(service: &Service, system: &System, now: Timestamp) -> CheckReport {
    if system.base_url.is_empty() {
        return feed_report(system, now);
    }
    // The newest alone: a report must tell whether the new credentials work, not whether those before still do.
    let sealed = system.setup.credentials.as_ref();
    let newest: Vec<_> =
        sealed.map(|one| one.open(&system.id, &service.data_keys)).into_iter().flatten().take(1).collect();
    let unusable = "The credentials cannot be used. Enter them again, then run the check again.";
    if sealed.is_some() && newest.is_empty() {
        return failed_report("authentication", unusable, now);
    }
    let Ok(base) = Url::parse(&system.base_url) else {
        return failed_report(
            "reachable",
            "The address of the system is not a URL. Correct it, then run the check again.",
            now,
        );
    };
    let client = AuthenticatedOutbound::new(service.outbound.clone(), newest, service.clock.clone());
    let Ok(client) = client else { return failed_report("authentication", unusable, now) };
    let target = CheckTarget { base_url: system.base_url.clone(), datasets: agreed(system) };
    lcr_partner_check::run(&target, &client.limited_to(&base), now).await
}

fn failed_report(name: &str, text: &str, now: Timestamp) -> CheckReport {
    CheckReport { at: now, checks: vec![to_check(name, CheckOutcome::Failed, text.to_owned())] }
}

fn to_check(name: &str, outcome: CheckOutcome, text: String) -> Check {
    Check { name: name.to_owned(), outcome, text }
}

/// The report of a system that only sends. Nothing of it can be asked, so the rest is tried by its first messages, which are
/// acknowledged one by one.
fn feed_report(system: &System, now: Timestamp) -> CheckReport {
    let Some(feed) = &system.feed else {
        return failed_report(
            "feed-profile",
            "The system is neither asked nor does it send. Give it one of both.",
            now,
        );
    };
    let profile = match feed.validate() {
        Ok(()) => to_check("feed-profile", CheckOutcome::Passed, "The feed's profile is valid.".to_owned()),
        Err(why) => to_check("feed-profile", CheckOutcome::Failed, format!("The feed's profile is not valid: {why}.")),
    };
    let names: Vec<String> =
        feed.senders.iter().map(|(application, facility)| format!("{application} {facility}")).collect();
    let senders = if names.is_empty() {
        to_check("senders", CheckOutcome::Failed, "Name the senders of its messages (MSH-3 and MSH-4).".to_owned())
    } else {
        let text = format!("Messages whose MSH-3 and MSH-4 are one of these are taken for it: {}.", names.join("; "));
        to_check("senders", CheckOutcome::Passed, text)
    };
    let text = "Nothing of a system that only sends can be asked. Send a first message by `POST /v1/hl7v2` or `POST \
                /v1/fhir` once the system is live, while its datasets are off: the acknowledgement says what is wrong.";
    let messages = to_check("messages", CheckOutcome::Skipped, text.to_owned());
    CheckReport { at: now, checks: vec![profile, senders, messages] }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
