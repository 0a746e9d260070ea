//! Reads a person's relatives and carers. It never shows a former name, address or number as current.

use jiff::Timestamp;
use lcr_fhir::{display, read};
use serde_json::Value;

use super::{
    EntryContent,
    text::{concepts_text, entry_content, join_texts, labelled_fields, period_end, title_or_default},
};
use crate::domain::person;

pub fn read_contact(value: &Value, now: Timestamp) -> EntryContent {
    let name = person::current_name(value, now).and_then(display::human_name);
    let telecoms = person::current_telecoms(value, now);
    let detail = labelled_fields([
        ("Relationship", concepts_text(value, "relationship")),
        ("Telephone", join_texts(telecoms.into_iter().filter_map(|one| read::text(one, "value")))),
        ("Address", person::current_address(value, now).and_then(display::address)),
        ("Until", period_end(value)),
    ]);
    entry_content(title_or_default(name), read::text(value, "period.start"), value, detail)
}
