//! What a document is: its kind in words, and a title that names kind, specialty or author, and date if its source sent none
//! or a code. It must never replace a title that somebody wrote.

use lcr_contracts::record::Entry;

use crate::layout::format::{capitalise, format_sent_day};

const NO_TITLE: [&str; 3] = ["", "Not named by the source", "Title not recorded"];
const FILE_ENDINGS: [&str; 9] = [".pdf", ".doc", ".docx", ".rtf", ".txt", ".tif", ".tiff", ".jpg", ".htm"];

/// The kind of a document in words. The types that limits of roles use are codes.
pub fn document_kind(document_type: &str) -> String {
    match document_type {
        "discharge" => "Discharge letter".to_owned(),
        "clinic" => "Clinic letter".to_owned(),
        "care-plan" => "Care plan".to_owned(),
        "end-of-life" => "End of life plan".to_owned(),
        other if is_code(other) => "Document".to_owned(),
        other => capitalise(other),
    }
}

/// The title of a document, such as `Clinic letter · Cardiology · 04-Aug-2026` if its own says nothing.
pub fn document_title(entry: &Entry, document_type: &str, author: Option<&str>) -> String {
    let title = entry.title.trim();
    let kind = document_kind(document_type);
    if !says_nothing(title, &kind, document_type) {
        return title.to_owned();
    }
    let specialty = entry.more.iter().find(|(label, _)| label == "Specialty").map(|(_, value)| value.as_str());
    let date = entry.date.as_deref().map(format_sent_day);
    // A kind in the source's own words is more exact than ours.
    let own = Some(title).filter(|title| title.eq_ignore_ascii_case(document_type) && !is_code(title));
    let parts = [Some(own.map_or(kind, capitalise)), specialty.or(author).map(str::to_owned), date];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The title as sent, if the page shows another that does not contain it.
pub fn replaced_title(entry: &Entry, shown: &str) -> Option<String> {
    let title = entry.title.trim();
    let is_kept = NO_TITLE.contains(&title) || shown.to_lowercase().contains(&title.to_lowercase());
    (!is_kept).then(|| format!("named “{title}” by its source"))
}

fn says_nothing(title: &str, kind: &str, document_type: &str) -> bool {
    NO_TITLE.contains(&title)
        || title.eq_ignore_ascii_case(kind)
        || title.eq_ignore_ascii_case(document_type)
        || is_code(title)
}

/// Whether a text is a code, a number or the name of a file: `34133-9 (LOINC)`, `DOC_000123`, `scan1.pdf`.
fn is_code(text: &str) -> bool {
    let lower = text.to_lowercase();
    if FILE_ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
        return true;
    }
    let first = text.split(" (").next().unwrap_or_default();
    let is_one_word = !first.contains(char::is_whitespace);
    is_one_word && first.contains(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
#[path = "document_title_tests.rs"]
mod tests;
