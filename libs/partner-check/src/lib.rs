//! The conformance run against a partner's FHIR R4 source: it asks as the platform will ask, and reports what the partner must
//! change. It must only read, and no text of a report may hold anything about a patient.

mod connection;
mod must_have;
mod nhs_number;
mod paging;
mod report;
mod resource_types;
mod search;
mod source;
mod time;

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use lcr_contracts::partners::system::CheckReport;
use lcr_fhir::Searchset;
use lcr_model::Dataset;
use lcr_web::AuthenticatedOutbound;

use report::Report;
use search::TypeAnswer;
use source::{SearchError, Source};
use time::ZoneCount;

/// The most people that are listed, and asked about in each search.
const PEOPLE_LISTED: &str = "20";
const PEOPLE_ASKED_ABOUT: usize = 3;

/// What to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckTarget {
    /// The base of the FHIR R4 interface.
    pub base_url: String,
    pub datasets: BTreeSet<Dataset>,
}

/// The limits of a run.
#[derive(Debug, Clone, Copy)]
struct Limits {
    call: Duration,
    run: Duration,
}

const LIMITS: Limits = Limits { call: Duration::from_secs(5), run: Duration::from_secs(40) };

/// Runs all checks, within 40 seconds.
pub async fn run(target: &CheckTarget, client: &AuthenticatedOutbound, now: Timestamp) -> CheckReport {
    run_within(target, client, now, LIMITS).await
}

async fn run_within(
    target: &CheckTarget,
    client: &AuthenticatedOutbound,
    now: Timestamp,
    limits: Limits,
) -> CheckReport {
    let mut report = Report::new(&target.datasets);
    let checks = run_checks(target, client, now, (limits.call, &mut report));
    let is_finished = tokio::time::timeout(limits.run, checks).await.is_ok();
    report.finish(now, is_finished)
}

/// Runs one check after the other, and stops where the rest makes no sense.
async fn run_checks(
    target: &CheckTarget,
    client: &AuthenticatedOutbound,
    now: Timestamp,
    (timeout, report): (Duration, &mut Report),
) {
    let Some(source) = Source::new(client, &target.base_url, timeout) else {
        report.failed("reachable", "The address is not a URL. It looks like https://fhir.example.nhs.uk/R4.");
        return;
    };
    let mut zones = ZoneCount::default();
    let Some(offered) = connection::check(&source, report, now).await else { return };
    let people = source.search("Patient", &[("_count", PEOPLE_LISTED)]).await;
    let Some(people) = list_people(people, client, report) else { return };
    zones.add(people.without_zone);
    nhs_number::check(&people.page, report);
    paging::check(&source, report).await;
    let ids = people.page.items.iter().map(|item| item.id().to_owned());
    let asked_about: Vec<String> = ids.take(PEOPLE_ASKED_ABOUT).collect();
    let patients = TypeAnswer::of_people(people.page);
    let what = (&target.datasets, &offered, asked_about.as_slice());
    search::check(&source, what, patients, (&mut *report, &mut zones)).await;
    time::check_zones(zones, report);
}

/// The list of people, which the platform reads of every source. Decides whether our credentials are accepted.
fn list_people(
    people: Result<source::Page, SearchError>,
    client: &AuthenticatedOutbound,
    report: &mut Report,
) -> Option<source::Page> {
    match people {
        Ok(people) => {
            if client.has_credentials() {
                report.passed("authentication", "The source accepts our credentials.");
            } else {
                report.warning(
                    "authentication",
                    "The source gives data without credentials. Make sure that nobody else can reach it, or set up credentials.",
                );
            }
            Some(people)
        }
        Err(error) if error.is_refusal() => {
            report.failed("authentication", format!("The list of people (Patient) {error}."));
            None
        }
        Err(error) => {
            report.passed("authentication", "The source did not refuse our request.");
            report.failed(
                "paging",
                format!("We must be able to list the people of a source with GET Patient?_count=20. It {error}."),
            );
            None
        }
    }
}

/// The keys of a page's matches that have one.
fn keys(page: &Searchset) -> BTreeSet<String> {
    page.keys.iter().flatten().cloned().collect()
}

#[cfg(test)]
mod tests;
