//! How far the people of an organisation use the record. Each figure says what it counts, and the page names nobody. The
//! log may be unavailable; then its figures are said to be unknown, never 0.

use axum::response::Response;
use jiff::Timestamp;
use lcr_contracts::{
    audit::ViewAdoption,
    partners::{adoption::Adoption, people::SignInCounts},
};
use lcr_model::london;

use crate::{
    forms::{
        grid::{Grid, GridCell},
        page::{Section, failure_page},
        submission::FormSubmission,
    },
    layout::format::{format_count, format_day},
    partners::partner::PartnerPage,
    web::error_page::ErrorPage,
};

const UNKNOWN: &str = "not known right now";

pub(crate) async fn page(PartnerPage { partner, .. }: PartnerPage) -> Result<Response, ErrorPage> {
    let reader = &partner.reader;
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let since = month_start(deps.clock.now());
    let counts = deps.partners.sign_in_counts(&caller, partner.ods()).await;
    let counts = counts.map_err(|failure| failure_page(reader, &failure))?;
    let views = deps.audit.adoption(&caller, partner.ods(), since).await.ok();
    let text = format!(
        "This month began on {}. The figures come from the directory and from the log.",
        format_day(london::date(since))
    );
    let section = Section::new("", "").text(text).grid(adoption_grid(&counts, views.as_ref()));
    Ok(partner.show("How much it is used", vec![section], &FormSubmission::default()))
}

/// The start of the month in London.
fn month_start(now: Timestamp) -> Timestamp {
    let first = london::date(now).first_of_month();
    first.to_zoned(london::zone()).map_or(now, |zoned| zoned.timestamp())
}

fn adoption_grid(counts: &SignInCounts, views: Option<&ViewAdoption>) -> Grid {
    let adoption = views.map(|views| Adoption::new(counts, views));
    let active = adoption.map_or_else(|| UNKNOWN.to_owned(), |adoption| adoption.active.to_string());
    let median = adoption.map_or_else(|| UNKNOWN.to_owned(), |adoption| median_words(&adoption));
    let row = |label: &str, figure: String, meaning: &str| {
        vec![GridCell::text(label), GridCell::text(figure), GridCell::text(meaning)]
    };
    Grid {
        caption: "Use of the record",
        columns: vec!["Figure", "How many", "What it counts"],
        rows: vec![
            row("Eligible", counts.eligible.to_string(), "People in the directory whose access has not ended."),
            row("Activated", counts.activated.to_string(), "Those of them who have signed in at least once."),
            row("Signed in", counts.signed_in_this_month.to_string(), "People who have signed in this month."),
            row("Active", active, "People who have looked at a patient's data this month."),
            row(
                "Time to first view",
                median,
                "From the first sign-in to the first look at a patient's data. Half of the people took no longer.",
            ),
        ],
        empty: "Nothing is counted yet.",
    }
}

fn median_words(adoption: &Adoption) -> String {
    let Some(seconds) = adoption.median_seconds_to_first_view else { return "nobody has looked yet".to_owned() };
    let of = |length: i64| usize::try_from(seconds / length).unwrap_or(0);
    match seconds {
        ..60 => "less than a minute".to_owned(),
        60..3600 => format_count(of(60), "minute", "minutes"),
        3600..86_400 => format_count(of(3600), "hour", "hours"),
        _ => format_count(of(86_400), "day", "days"),
    }
}

#[cfg(test)]
#[path = "adoption_page_tests.rs"]
mod tests;
