//! Where the person is now, what alerts and plans stand, and when they were last seen: the banner's second
//! line. It never says "not in hospital" when a hospital has not answered.

use jiff::Timestamp;
use lcr_contracts::record::{Entry, Record};
use lcr_model::Dataset;

use super::{
    gaps::Gaps,
    whereabouts::{reported_death, whereabouts},
    words::{list, sent, sent_day, sort_key},
};

/// One remark of the line, with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub label: String,
    pub text: String,
    /// A dataset page that says more.
    pub dataset: Option<&'static str>,
    pub warns: bool,
}

pub(super) fn remark(label: &str, text: String, dataset: Option<Dataset>, warns: bool) -> Remark {
    Remark { label: label.into(), text, dataset: dataset.map(Dataset::as_str), warns }
}

/// The remarks in reading order: alerts, a death that is not confirmed, where, plans, last contact.
pub fn place_line(record: &Record, now: Timestamp) -> Vec<Remark> {
    let mut out = alerts(record);
    out.extend(reported_death(record));
    out.push(whereabouts(record, now));
    out.extend(plans(record));
    out.push(last_contact(record));
    out
}

pub(super) fn entries(record: &Record, dataset: Dataset) -> &[Entry] {
    record.section(dataset).map_or(&[], |section| &section.entries)
}

pub(super) fn whose(entry: &Entry) -> String {
    let names: Vec<String> = entry.provenance.iter().map(|one| one.name.clone()).collect();
    if names.is_empty() { "source not named".into() } else { list(&names) }
}

fn alerts(record: &Record) -> Vec<Remark> {
    let titles: Vec<String> = entries(record, Dataset::Alerts)
        .iter()
        .filter(|entry| entry.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("active")))
        .map(|entry| format!("{} ({})", entry.title, whose(entry)))
        .collect();
    let gaps = Gaps::of(record, Dataset::Alerts);
    match (titles.is_empty(), gaps.silent.is_empty()) {
        (false, _) => vec![remark("Alerts", format!("{}.", titles.join("; ")), Some(Dataset::Alerts), true)],
        (true, false) => {
            let silent = gaps.silent_words.iter().map(|(name, why)| format!("{name} {why}"));
            vec![remark("Alerts", format!("{}.", silent.collect::<Vec<_>>().join("; ")), None, false)]
        }
        (true, true) => Vec::new(),
    }
}

/// Plans somebody in a hurry must not miss.
fn plans(record: &Record) -> Vec<Remark> {
    let urgent = |entry: &&Entry| {
        let title = entry.title.to_lowercase();
        ["respect", "resuscitation", "dnacpr", "advance decision", "emergency care plan"]
            .iter()
            .any(|word| title.contains(word))
    };
    let of = |dataset| entries(record, dataset).iter().filter(urgent).map(move |entry| (dataset, entry));
    let found = of(Dataset::EndOfLife).chain(of(Dataset::CarePlans));
    found
        .map(|(dataset, entry)| {
            let date = entry.date.as_deref().map_or("date not recorded".into(), sent);
            let status = entry.status.as_deref().unwrap_or("status not recorded");
            remark(&entry.title, format!("{date}, {}, {status}.", whose(entry)), Some(dataset), true)
        })
        .collect()
}

/// From encounters the reader may see, never from who has looked.
fn last_contact(record: &Record) -> Remark {
    let known = entries(record, Dataset::Encounters)
        .iter()
        .filter_map(|entry| entry.date.as_deref().map(|at| (at, entry)));
    let latest = known.max_by_key(|(at, _)| sort_key(at));
    let text = latest.map_or("none shown.".to_owned(), |(at, entry)| {
        format!("{}, {}, {}.", sent_day(at), entry.title, whose(entry))
    });
    remark("Last contact", text, None, false)
}
