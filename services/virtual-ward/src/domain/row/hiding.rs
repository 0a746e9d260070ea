//! Removes the cells that a reader may not see, and names them. It must never leave a cell of a place that is protected.

use lcr_contracts::ward::{InpatientRow, ListCategory};
use lcr_model::SourceId;

/// Hidden from readers whose only link is their team's area: they see name, place and expected date.
const ROW_ONLY_HIDES: [&str; 15] = [
    "further",
    "consultant",
    "specialty",
    "admitted",
    "days",
    "expected_stay",
    "reside",
    "needed",
    "plan",
    "pathway",
    "going_to",
    "transfer",
    "on_leave",
    "disagreements",
    "warnings",
];

/// The fields that could reveal where a protected person is, free text included.
const LOCATION_HIDES: [&str; 12] = [
    "further",
    "hospital",
    "source",
    "place",
    "consultant",
    "specialty",
    "shelf",
    "needed",
    "going_to",
    "transfer",
    "disagreements",
    "warnings",
];

pub(super) fn hide_all_but_row_only(row: &mut InpatientRow) {
    row.consultant = None;
    row.specialty = None;
    row.admitted = None;
    row.days = 0;
    row.expected_stay = None;
    row.reside = None;
    row.needed = None;
    row.plan = None;
    row.pathway = None;
    row.going_to = None;
    row.transfer = None;
    row.on_leave = false;
    row.further.clear();
    row.disagreements.clear();
    row.warnings.clear();
    row.hidden.extend(ROW_ONLY_HIDES.map(str::to_owned));
}

pub(super) fn hide_location(row: &mut InpatientRow) {
    row.hospital.clear();
    row.source = SourceId::new("");
    row.place = None;
    row.consultant = None;
    row.specialty = None;
    row.category = ListCategory::Main;
    row.needed = None;
    row.going_to = None;
    row.transfer = None;
    row.further.clear();
    row.disagreements.clear();
    row.warnings.clear();
    row.hidden.extend(LOCATION_HIDES.map(str::to_owned));
}
