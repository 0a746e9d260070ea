//! Reads procedures and immunisations. A vaccine that was not given says so in its title.

use lcr_contracts::record::Mark;
use lcr_fhir::{display, format_date, read};
use serde_json::Value;

use super::{
    EntryContent, status,
    text::{concepts_text, entry_content, first_text, join_texts, labelled_fields, reasons_text, title_or_default},
};
use crate::domain::resource_type::ResourceType;

pub fn read_procedure(value: &Value) -> EntryContent {
    let performers =
        read::list(value, "performer").iter().filter_map(|one| display::reference(value, one.get("actor")?));
    let detail = labelled_fields([
        ("Where", read::reference_display(value, "location")),
        ("By", join_texts(performers)),
        ("Reason", reasons_text(value)),
        ("Outcome", read::concept_at(value, "outcome")),
        ("Complication", concepts_text(value, "complication")),
        (
            "When",
            read::at(value, "performedAge")
                .and_then(display::quantity)
                .map(|age| format!("at the age of {}", age.with_unit())),
        ),
        ("When", read::at(value, "performedRange").and_then(display::range).map(|age| format!("at the age of {age}"))),
        ("Until", read::str_at(value, "performedPeriod.end").map(format_date)),
    ]);
    let date = first_text(value, &["performedDateTime", "performedPeriod.start", "performedString"]);
    entry_content(title_or_default(read::concept_at(value, "code")), date, value, detail)
}

pub fn read_immunisation(value: &Value) -> EntryContent {
    let not_given = status::marks(ResourceType::Immunization, value)
        .contains(&Mark::NotDone)
        .then(|| read::concept_at(value, "statusReason").unwrap_or_else(|| "reason not given".to_owned()));
    let doses = read::list(value, "protocolApplied").iter().filter_map(|one| {
        let number = read::at(one, "doseNumberPositiveInt").and_then(display::number);
        number.or_else(|| read::text(one, "doseNumberString"))
    });
    let name = title_or_default(read::concept_at(value, "vaccineCode"));
    let title = if not_given.is_some() { format!("Not given: {name}") } else { name };
    let detail = labelled_fields([
        ("Not given", not_given),
        ("Dose", join_texts(doses)),
        ("Batch", read::text(value, "lotNumber")),
        ("Site", read::concept_at(value, "site")),
        ("Reason", reasons_text(value)),
    ]);
    let date = first_text(value, &["occurrenceDateTime", "occurrenceString"]);
    entry_content(title, date, value, detail)
}
