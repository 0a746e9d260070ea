//! The sentences of a row: dates, places, warnings and disagreements. The page and the API show the same text.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{Moment, spell::Place, whereabouts::PlaceWords};

use super::{london, spell::Warning};

/// 24-Nov-2026.
pub fn format_date(date: Date) -> String {
    date.strftime("%d-%b-%Y").to_string()
}

fn format_time(at: Timestamp) -> String {
    at.to_zoned(london::zone()).strftime("%H:%M").to_string()
}

/// "10:42", or "27-Nov-2026 10:42" for another day.
fn format_since(at: Timestamp, now: Timestamp) -> String {
    let day = london::date(at);
    if day == london::date(now) { format_time(at) } else { format!("{} {}", format_date(day), format_time(at)) }
}

pub fn stay_message_waiting(at: Timestamp, now: Timestamp) -> String {
    format!("A message about this stay has been waiting to be read since {}.", format_since(at, now))
}

pub fn patient_message_waiting(at: Timestamp, now: Timestamp) -> String {
    format!("A message about this patient has been waiting to be read since {}.", format_since(at, now))
}

pub fn hospital_silent(last: Timestamp) -> String {
    format!("The hospital has sent nothing about this stay since {}.", format_date(london::date(last)))
}

pub const ANOTHER_STAY_OPEN: &str =
    "The hospital has two open stays of this patient and has not told us that either has ended.";

/// "ward J28, bay 2, bed 4".
pub fn format_place(place: &Place) -> String {
    let words = PlaceWords::of(place);
    // A code alone would not read as a ward; a name of several words does.
    let bare = |ward: &String| !ward.contains(' ') && !ward.to_lowercase().starts_with("ward");
    let ward = words.ward.map(|ward| if bare(&ward) { format!("ward {ward}") } else { ward });
    let site = words.site.map(|site| format!("site {site}"));
    [ward, words.bay, words.bed, site].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub fn update_names_place(place: &Place) -> String {
    format!("An update says {}", format_place(place))
}

pub fn update_says_left(at: Moment) -> String {
    format!("An update says they left on {}", format_date(at.date()))
}

pub fn warning_text(warning: Warning) -> &'static str {
    match warning {
        Warning::AdmissionFromTransfer => "The admission itself was not sent; worked out from a transfer.",
        Warning::AdmissionFromDischarge => "The admission itself was not sent; worked out from the discharge.",
        Warning::MovedByAdmission => "A second admission was sent, for another place; the later one is shown.",
        Warning::MoveMissing => "A move between wards was not sent; worked out from the next one.",
        Warning::AdmittedAgain => "An admission to another place was sent after they left; they may be back.",
        Warning::LeftBeforeAdmitted => "The hospital's times say they left before they came.",
        Warning::MovedAfterCancel => "The admission was cancelled, but a later message moved them to this place.",
        Warning::MovedAfterLeaving => "The hospital sent a move after they left.",
        Warning::LeavingDeleted => "A later update says they have not left.",
        Warning::AdmittedInFuture => "The hospital sent a time of admission that lies in the future.",
        Warning::CancelUnclear => {
            "The hospital cancelled something that does not match what it sent; check with the ward."
        }
        Warning::VisitCorrected => "The hospital first sent this visit for another patient.",
        Warning::OrderUnsure => "The times of the hospital's messages and their order disagree; check with the ward.",
        Warning::VisitShared => "The hospital uses this visit number for another patient as well.",
    }
}

pub const KIND_OF_STAY_UNSURE: &str = "The hospital did not say what kind of stay this is.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_dates_read_as_on_the_page() {
        let place = Place { ward: Some("J28".into()), bed: Some("2".into()), ..Place::default() };
        assert_eq!(update_names_place(&place), "An update says ward J28, bed 2");
        assert_eq!(format_date(Date::constant(2026, 11, 4)), "04-Nov-2026");
    }
}
