//! The results of the summary: the latest of each series, and first what is critical or abnormal. The limit must not cut
//! off an abnormal result, unless it would fill the page.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use lcr_contracts::record::{Detail, Entry, Record};

use crate::{
    layout::format::{capitalise, date_range, encode_query_value},
    record::{
        entry::{SummaryItem, summary_item},
        flags,
        order::{Sort, sort_entries},
        summary::{
            Body, Part,
            phone::{More, shorten_items},
        },
    },
};

/// The most abnormal results of the summary.
const MAX_ABNORMAL: usize = 20;
const FILING_NOTE: &str = "Seeing a result here does not file or action it.";

/// The latest result of each series.
pub fn latest_results(record: &Record, entries: Vec<&Entry>, part: &Part, today: Date) -> Body {
    let all = entries.len();
    // The results of such a report are entries of their own and would appear twice.
    let mut sorted: Vec<&Entry> = entries.into_iter().filter(|entry| !is_report_only(entry)).collect();
    sort_entries(&mut sorted, Sort::Newest);
    let mut count_by_series: HashMap<String, usize> = HashMap::new();
    let mut latest: Vec<&Entry> = Vec::new();
    for entry in sorted {
        let count = count_by_series.entry(series(entry)).or_default();
        *count += 1;
        if *count == 1 {
            latest.push(entry);
        }
    }
    latest.sort_by_key(|entry| urgency(entry, today));
    let abnormal = latest.iter().filter(|entry| urgency(entry, today) <= Urgency::Abnormal).count();
    let limit = abnormal.clamp(part.max_entries, MAX_ABNORMAL);
    let hidden = abnormal.saturating_sub(limit);
    let hidden = if hidden > 0 { format!(", {hidden} more abnormal") } else { String::new() };
    let phone_only = latest.len() <= limit;
    let shown = latest.into_iter().take(limit);
    let mut items: Vec<SummaryItem> =
        shown.map(|entry| result_item(record, entry, count_by_series.get(&series(entry)).copied())).collect();
    let is_shortened = shorten_items(&mut items);
    let text = format!("Show all {}{hidden}", part.count_text(all));
    let more = (is_shortened || !phone_only).then_some(More { text, phone_only });
    Body::Items { items, note: Some(FILING_NOTE), more, fold: None }
}

/// A result with the word for its flag in front of the value: "High".
fn result_item(record: &Record, entry: &Entry, times: Option<usize>) -> SummaryItem {
    let mut plain = entry.clone();
    let mark = flags::flag(entry).map(|flag| if flag.words.is_empty() { flag.letter } else { flag.words });
    if let (Some(_), Detail::Result { flag, .. }) = (&mark, &mut plain.detail) {
        *flag = None;
    }
    let mut item = summary_item(record.person, &plain);
    item.remark = mark.map(|words| capitalise(&words)).or(item.remark);
    if let Some(times) = times.filter(|times| *times > 1) {
        let href = format!("/people/{}/results?series={}", record.person, encode_query_value(&series(entry)));
        item.more_link = Some((href, format!("all {times}")));
    }
    item
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    Critical,
    Abnormal,
    /// A comment may withdraw the value.
    Commented,
    Usual,
}

/// How early the latest result of a test stands. What is older than a year is not news.
fn urgency(entry: &Entry, today: Date) -> Urgency {
    match flags::flag(entry) {
        _ if !is_within_a_year(entry, today) => Urgency::Usual,
        Some(flag) if flag.is_critical => Urgency::Critical,
        Some(_) => Urgency::Abnormal,
        None if !entry.notes.is_empty() => Urgency::Commented,
        None => Urgency::Usual,
    }
}

/// A result without a date may be new.
fn is_within_a_year(entry: &Entry, today: Date) -> bool {
    let last_day = entry.date.as_deref().and_then(date_range).map(|(_, last)| last);
    let a_year_ago = today.checked_sub(1.year()).unwrap_or(today);
    last_day.is_none_or(|day| day >= a_year_ago)
}

/// Whether a report says only how many results it has.
fn is_report_only(entry: &Entry) -> bool {
    let Detail::Result { report: Some(_), value, .. } = &entry.detail else { return false };
    value.starts_with("Report with ") && entry.notes.is_empty() && entry.files.is_empty() && entry.marks.is_empty()
}

fn series(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Result { series, .. } if !series.is_empty() => series.clone(),
        _ => entry.title.clone(),
    }
}
