//! Reads encounters: the class, the place, and whether the patient is still there.

use lcr_contracts::record::Detail;
use lcr_fhir::{display, read};
use serde_json::Value;

use super::{
    EntryContent,
    text::{concepts_text, entry_content, join_texts, reasons_text},
};

pub fn read_encounter(value: &Value) -> EntryContent {
    let class = match read::str_at(value, "class.code") {
        Some("IMP" | "ACUTE" | "NONAC") => "In-patient".to_owned(),
        Some("EMER") => "Emergency department".to_owned(),
        Some("AMB") => "Appointment".to_owned(),
        Some("HH") => "Home visit".to_owned(),
        Some("VR") => "Telephone or video".to_owned(),
        Some("SS") => "Day case".to_owned(),
        _ => read::at(value, "class").and_then(display::coding).unwrap_or_else(|| "Contact".to_owned()),
    };
    let reason = reasons_text(value).or_else(|| concepts_text(value, "type"));
    let ended = read::text(value, "period.end");
    let open = matches!(read::str_at(value, "status"), Some("in-progress" | "arrived" | "onleave" | "triaged"));
    let place = join_texts(place_names(value)).or_else(|| read::reference_display(value, "serviceProvider"));
    let detail = Detail::Encounter { class: class.clone(), place, in_progress: open && ended.is_none(), ended };
    entry_content(reason.unwrap_or(class), read::text(value, "period.start"), value, detail)
}

/// The names of the places. A place that was only planned or reserved is marked as such.
fn place_names(value: &Value) -> impl Iterator<Item = String> {
    read::list(value, "location").iter().filter_map(move |one| {
        let name = display::reference(value, one.get("location")?)?;
        Some(match read::str_at(one, "status") {
            Some(status @ ("planned" | "reserved")) => format!("{name} ({status})"),
            _ => name,
        })
    })
}
