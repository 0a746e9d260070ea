//! The second line of the banner: alerts, an unconfirmed death, where the person is, urgent plans and the last
//! contact. It must never say "not in hospital" while a hospital has not answered.

use jiff::Timestamp;
use lcr_contracts::record::{Entry, Record};
use lcr_model::Dataset;

use crate::{
    layout::format::{date_sort_key, format_sent_date, format_sent_day},
    record::{
        coverage::Coverage,
        current_stay::{current_stay, unconfirmed_death},
        remark::{Remark, entries, remark, source_names},
    },
};

/// The remarks in reading order.
pub fn whereabouts_line(record: &Record, now: Timestamp) -> Vec<Remark> {
    let mut out = alerts(record);
    out.extend(unconfirmed_death(record));
    out.push(current_stay(record, now));
    out.extend(urgent_plans(record));
    out.push(last_contact(record));
    out
}

fn alerts(record: &Record) -> Vec<Remark> {
    let titles: Vec<String> = entries(record, Dataset::Alerts)
        .iter()
        .filter(|entry| entry.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("active")))
        .map(|entry| format!("{} ({})", entry.title, source_names(entry)))
        .collect();
    let coverage = Coverage::of(record, Dataset::Alerts);
    match (titles.is_empty(), coverage.missing.is_empty()) {
        (false, _) => vec![remark("Alerts", format!("{}.", titles.join("; ")), Some(Dataset::Alerts), true)],
        (true, false) => {
            let missing = coverage.missing_reasons.iter().map(|(name, why)| format!("{name} {why}"));
            vec![remark("Alerts", format!("{}.", missing.collect::<Vec<_>>().join("; ")), None, false)]
        }
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
            let status = entry.status.as_deref().unwrap_or("status not recorded");
            remark(&entry.title, format!("{date}, {}, {status}.", source_names(entry)), Some(dataset), true)
        })
        .collect()
}

/// The last encounter that the reader may see. It must not use the access log.
fn last_contact(record: &Record) -> Remark {
    let dated =
        entries(record, Dataset::Encounters).iter().filter_map(|entry| entry.date.as_deref().map(|at| (at, entry)));
    let latest = dated.max_by_key(|(at, _)| date_sort_key(at));
    let text = latest.map_or("none shown.".to_owned(), |(at, entry)| {
        format!("{}, {}, {}.", format_sent_day(at), entry.title, source_names(entry))
    });
    remark("Last contact", text, None, false)
}
