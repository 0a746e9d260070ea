//! Reads letters and other documents. It never opens their files.

use lcr_contracts::record::Detail;
use lcr_fhir::read;
use serde_json::Value;

use super::{
    EntryContent,
    text::{entry_content, first_text, reference_names, sentence_case, title_or_default},
};
use crate::domain::clearances::DOCUMENT_TYPES;

pub fn read_document(value: &Value) -> EntryContent {
    let kind = read::concept_at(value, "type").or_else(|| read::concept_at(value, "category.0"));
    // The title of a file that was not sent gives the reason, not the document's name.
    let file_title = || {
        let attachments = read::list(value, "content").iter().filter_map(|content| content.get("attachment"));
        let mut sent = attachments.filter(|one| one.get("data").is_some() || one.get("url").is_some());
        sent.find_map(|one| read::text(one, "title"))
    };
    let title = first_text(value, &["description"]).or_else(file_title).or_else(|| kind.clone());
    let detail = Detail::Document {
        document_type: document_type(value, kind.as_deref()),
        author: reference_names(value, "author"),
        content_type: read::text(value, "content.0.attachment.contentType"),
    };
    let doc_status = read::str_at(value, "docStatus").filter(|status| *status != "final").map(sentence_case);
    let mut document = entry_content(
        title_or_default(title),
        first_text(value, &["date", "content.0.attachment.creation"]),
        value,
        detail,
    );
    if let (Some(doc_status), Some(status)) = (doc_status, &document.status) {
        document.status = Some(format!("{status}, {}", doc_status.to_lowercase()));
    }
    document
}

/// The type that limits of roles use, found by code or exact name, else the source's own words.
fn document_type(value: &Value, words: Option<&str>) -> String {
    for code in ["discharge", "clinic", "care-plan", "end-of-life"] {
        if read::has_code(value, "category", code) {
            return code.to_owned();
        }
    }
    let lower = words.unwrap_or_default().trim().to_lowercase();
    let known = DOCUMENT_TYPES.iter().find(|(_, codes, names)| {
        codes.iter().any(|code| read::has_code(value, "type", code)) || names.contains(&lower.as_str())
    });
    let known = known.map(|(kind, ..)| (*kind).to_owned());
    known.or_else(|| words.map(str::to_owned)).unwrap_or_else(|| "document".to_owned())
}
