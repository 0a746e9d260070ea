//! Puts the elements that many types share into words: names, lists, reasons, dates and statuses. It reads no element
//! that only one type has.

use lcr_contracts::record::Detail;
use lcr_fhir::{display, format_date, read};
use serde_json::Value;

use super::EntryContent;

/// An entry's content with the item's status in words.
pub fn entry_content(title: String, date: Option<String>, value: &Value, detail: Detail) -> EntryContent {
    EntryContent { title, date, status: status_words(value), detail, ..EntryContent::default() }
}

/// The name of an item, or words that say that it has none.
pub fn title_or_default(words: Option<String>) -> String {
    words.unwrap_or_else(|| "Not named by the source".to_owned())
}

/// A code in words: `in-progress` → `In progress`.
pub fn sentence_case(code: &str) -> String {
    let spaced = code.replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The item's status in words.
pub fn status_words(value: &Value) -> Option<String> {
    read::str_at(value, "status").map(|status| match status {
        "noshow" => "Did not attend".to_owned(),
        other => sentence_case(other),
    })
}

/// All reasons, coded or by reference.
pub fn reasons_text(value: &Value) -> Option<String> {
    let coded = read::list(value, "reasonCode").iter().filter_map(|one| display::concept(Some(one)));
    let named = read::list(value, "reasonReference").iter().filter_map(|one| display::reference(value, one));
    let mut reasons: Vec<String> = coded.chain(named).collect();
    reasons.dedup();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// A detail with the fields that have a value.
pub fn labelled_fields(pairs: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Detail {
    let present = pairs.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    Detail::Other { fields: present.collect() }
}

/// The text of the first path that has one.
pub fn first_text(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| read::text(value, path))
}

/// All concepts of a list, in words.
pub fn concepts_text(value: &Value, path: &str) -> Option<String> {
    join_texts(read::list(value, path).iter().filter_map(|one| display::concept(Some(one))))
}

/// The names of all references of a list that have one.
pub fn reference_names(value: &Value, path: &str) -> Option<String> {
    join_texts(read::list(value, path).iter().filter_map(|one| display::reference(value, one)))
}

pub fn join_texts(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub fn period_end(value: &Value) -> Option<String> {
    read::str_at(value, "period.end").map(format_date)
}

/// `onset[x]` or `abatement[x]`: a date if it is one, else words.
pub fn onset_or_end(value: &Value, of: &str) -> Option<String> {
    let text = |kind: &str| read::text(value, &format!("{of}{kind}"));
    let age = |kind: &str| read::at(value, &format!("{of}{kind}"));
    text("DateTime")
        .or_else(|| read::text(value, &format!("{of}Period.start")))
        .or_else(|| text("String"))
        .or_else(|| age("Age").and_then(display::quantity).map(|age| format!("at the age of {}", years(&age))))
        .or_else(|| age("Range").and_then(display::range).map(|age| format!("at the age of {age}")))
        .or_else(|| age("Period").and_then(display::period))
}

fn years(age: &display::Amount) -> String {
    match age.unit.as_deref() {
        Some("a") | None => age.text.clone(),
        Some(unit) => format!("{} {unit}", age.text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::status_words;

    #[test]
    fn a_status_is_in_words_that_people_use() {
        for (code, words) in
            [("noshow", "Did not attend"), ("in-progress", "In progress"), ("final", "Final"), ("booked", "Booked")]
        {
            assert_eq!(status_words(&json!({ "status": code })).as_deref(), Some(words));
        }
    }
}
