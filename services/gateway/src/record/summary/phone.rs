//! What a phone shows of a section until the reader asks for more: the first items, or a line that unfolds. It must not
//! leave out what can harm: a difference, a warning, a comment and an abnormal result are always shown.

use lcr_contracts::record::{Detail, Entry};

use crate::record::{
    banner_remarks::standing_plan_words,
    entry::{SummaryItem, title},
    marks,
    medications::Medications,
    order::standing,
    summary::Part,
};

/// Items and medicines that a phone shows, apart from those that can harm.
const FIRST_ITEMS: usize = 3;

/// The link to the section's own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct More {
    pub text: String,
    /// A wide screen shows every entry.
    pub phone_only: bool,
}

/// Returns whether a phone leaves out an item.
pub fn shorten_items(items: &mut [SummaryItem]) -> bool {
    for item in items.iter_mut().skip(FIRST_ITEMS) {
        item.wide_only = item.is_plain() && item.marks.is_empty();
    }
    items.iter().any(|item| item.wide_only)
}

pub fn shorten_medications(table: &mut Medications) {
    for row in table.rows.iter_mut().skip(FIRST_ITEMS) {
        row.wide_only = row.is_plain();
    }
}

/// The line that unfolds the section: how many entries it has, and the titles of those that count now. `None` if the
/// section does not fold, or if one of its items can harm.
pub fn fold_line(part: &Part, shown: &[&Entry], items: &[SummaryItem], count: usize) -> Option<String> {
    if !part.folds || !items.iter().all(SummaryItem::is_plain) {
        return None;
    }
    let is_past = |entry: &&&Entry| matches!(entry.detail, Detail::Diagnosis { .. }) && standing(entry) > 0;
    let past = shown.iter().filter(is_past).count();
    let mut titles: Vec<String> = Vec::new();
    for entry in shown.iter().filter(|entry| !is_past(entry)) {
        let one = folded_title(entry);
        if !titles.contains(&one) {
            titles.push(one);
        }
    }
    titles.extend((past > 0).then(|| format!("{past} past or refuted")));
    let of = if shown.len() < count { format!("{} of ", shown.len()) } else { String::new() };
    Some(format!("{of}{}: {}", part.count_text(count), titles.join("; ")))
}

/// "Asthma (suspected, sensitive)"; of a plan that holds what it decides, with its title if that says more than "plan".
fn folded_title(entry: &Entry) -> String {
    let certainty = match &entry.detail {
        Detail::Diagnosis { certainty: Some(certainty), .. } if !certainty.eq_ignore_ascii_case("confirmed") => {
            Some(certainty.to_lowercase())
        }
        _ => None,
    };
    let marks = marks::entry_marks(entry).into_iter().map(str::to_lowercase);
    let remarks: Vec<String> = certainty.into_iter().chain(marks).collect();
    let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
    let title = title(entry);
    match standing_plan_words(entry) {
        Some(words) if ["plan", "care plan"].contains(&title.to_lowercase().as_str()) => words + &remarks,
        Some(words) => format!("{title}{remarks}, {words}"),
        None => title + &remarks,
    }
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
