//! The second line of the banner: alerts, what plans for an emergency decide, an unconfirmed death, and where the person
//! is. It must never say "not in hospital" while a hospital has not answered.

use jiff::Timestamp;
use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use crate::{
    layout::format::format_sent_date,
    record::{
        coverage::Coverage,
        current_stay::{current_stay, unconfirmed_death},
        remark::{Remark, entries, remark, source_names},
    },
};

/// The remarks in reading order.
pub fn whereabouts_line(record: &Record, now: Timestamp) -> Vec<Remark> {
    let mut out = alerts(record);
    out.extend(urgent_plans(record));
    out.extend(unconfirmed_death(record));
    out.push(current_stay(record, now));
    out
}

fn alerts(record: &Record) -> Vec<Remark> {
    let titles: Vec<String> = entries(record, Dataset::Alerts)
        .iter()
        .filter(|entry| entry.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("active")))
        .map(|entry| format!("{} ({})", entry.title, source_names(entry)))
        .collect();
    let is_complete = Coverage::of(record, Dataset::Alerts).missing.is_empty();
    match (titles.is_empty(), is_complete) {
        (false, true) => vec![remark("Alerts", format!("{}.", titles.join("; ")), Some(Dataset::Alerts), true)],
        (false, false) => {
            let words = format!("{}. There may be more.", titles.join("; "));
            vec![remark("Alerts", words, Some(Dataset::Alerts), true)]
        }
        (true, false) => vec![remark("Alerts", "not all are known.".into(), Some(Dataset::Alerts), false)],
        (true, true) => Vec::new(),
    }
}

/// Plans that a reader in an emergency must not miss.
fn urgent_plans(record: &Record) -> Vec<Remark> {
    let is_urgent = |entry: &&Entry| {
        let title = entry.title.to_lowercase();
        ["respect", "resuscitation", "dnacpr", "advance decision", "emergency care plan"]
            .iter()
            .any(|word| title.contains(word))
    };
    let urgent_in = |dataset| entries(record, dataset).iter().filter(is_urgent).map(move |entry| (dataset, entry));
    urgent_in(Dataset::EndOfLife)
        .chain(urgent_in(Dataset::CarePlans))
        .map(|(dataset, entry)| {
            let date = entry.date.as_deref().map_or("date not recorded".into(), format_sent_date);
            let status = entry.status.as_deref().unwrap_or("status not recorded").to_lowercase();
            let origin = format!("{}, {date}, {status}", source_names(entry));
            let ended = is_ended(entry);
            // What an ended plan decided no longer holds.
            let text = match plan_words(entry).filter(|_| !ended) {
                Some(decision) => format!("{decision} ({origin})."),
                None => format!("{origin}."),
            };
            remark(&entry.title, text, Some(dataset), !ended)
        })
        .collect()
}

fn is_ended(plan: &Entry) -> bool {
    const ENDED: [&str; 5] = ["revoked", "completed", "cancelled", "ended", "draft"];
    plan.status.as_deref().is_some_and(|status| ENDED.iter().any(|word| status.eq_ignore_ascii_case(word)))
}

/// What a plan decides, in its own words. Decisions about resuscitation come first.
pub fn plan_words(entry: &Entry) -> Option<String> {
    const ABOUT_THE_PLAN: [&str; 4] = ["About", "By", "Until", "Content"];
    let Detail::Other { fields } = &entry.detail else { return None };
    let decisions = fields.iter().filter(|(label, _)| !ABOUT_THE_PLAN.contains(&label.as_str()));
    let mut words: Vec<String> = decisions
        .flat_map(|(label, value)| match label.as_str() {
            "Plan" => value.split("; ").map(str::to_owned).collect::<Vec<String>>(),
            _ => vec![format!("{label}: {value}")],
        })
        .collect();
    words.sort_by_key(|text| !is_about_resuscitation(text));
    (!words.is_empty()).then(|| words.join("; "))
}

/// What a plan that holds decides, resuscitation first: "CPR not recommended; weekly visit".
pub fn standing_plan_words(entry: &Entry) -> Option<String> {
    plan_words(entry).filter(|_| !is_ended(entry))
}

fn is_about_resuscitation(text: &str) -> bool {
    let text = text.to_lowercase();
    ["cpr", "resuscitat"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
#[path = "banner_remarks_tests.rs"]
mod tests;
