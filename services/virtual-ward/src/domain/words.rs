//! Codes and facts in words, for the page and the API alike.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use lcr_contracts::{Moment, spell::Place};

use super::{london, spell::Warning};

/// 24-Nov-2026.
pub fn date(date: Date) -> String {
    date.strftime("%d-%b-%Y").to_string()
}

fn clock(at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%H:%M").to_string()
}

/// "10:42", or "27-Nov-2026 10:42" of another day.
fn since(at: Timestamp, now: Timestamp) -> String {
    let day = london::date(at);
    if day == london::date(now) { clock(at) } else { format!("{} {}", date(day), clock(at)) }
}

pub fn stay_waits(at: Timestamp, now: Timestamp) -> String {
    format!("A message about this stay has been waiting to be read since {}.", since(at, now))
}

pub fn patient_waits(at: Timestamp, now: Timestamp) -> String {
    format!("A message about this patient has been waiting to be read since {}.", since(at, now))
}

pub fn silent(last: Timestamp) -> String {
    format!("The hospital has sent nothing about this stay since {}.", date(london::date(last)))
}

pub const ANOTHER_OPEN: &str =
    "The hospital has two open stays of this patient and has not told us that either has ended.";

/// "ward J28, bay 2, bed 4".
pub fn place(place: &Place) -> String {
    let ward = place.ward_name.clone().or_else(|| place.ward.clone());
    let parts = [("ward", &ward), ("bay", &place.bay), ("bed", &place.bed), ("site", &place.site)];
    let said = parts.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty())?;
        // Hospitals write "Ward J27" and "Bay B" as well as "J27" and "B".
        let labelled = value.to_lowercase().starts_with(name) || value.contains(' ') && name == "ward";
        Some(if labelled { value.to_owned() } else { format!("{name} {value}") })
    });
    said.collect::<Vec<_>>().join(", ")
}

pub fn elsewhere(told: &Place) -> String {
    format!("An update says {}", place(told))
}

pub fn said_left(at: Moment) -> String {
    format!("An update says they left on {}", date(at.date()))
}

pub fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::AdmissionFromTransfer => "The admission itself was not sent; worked out from a transfer.",
        Warning::AdmissionFromDischarge => {
            "The admission itself was not sent; worked out from the discharge."
        }
        Warning::MovedByAdmission => {
            "A second admission was sent, for another place; the later one is shown."
        }
        Warning::MoveMissing => "A move between wards was not sent; worked out from the next one.",
        Warning::AdmittedAgain => "An admission to another place was sent after they left; they may be back.",
        Warning::LeftBeforeAdmitted => "The hospital's times say they left before they came.",
        Warning::MovedAfterCancel => {
            "The admission was cancelled, but a later message moved them to this place."
        }
        Warning::MovedAfterLeaving => "The hospital sent a move after they left.",
        Warning::LeavingDeleted => "A later update says they have not left.",
        Warning::AdmittedInFuture => "The hospital sent a time of admission that lies in the future.",
        Warning::CancelUnclear => {
            "The hospital cancelled something that does not match what it sent; check with the ward."
        }
        Warning::VisitCorrected => "The hospital first sent this visit for another patient.",
        Warning::OrderUnsure => {
            "The times of the hospital's messages and their order disagree; check with the ward."
        }
        Warning::VisitShared => "The hospital uses this visit number for another patient as well.",
    }
}

pub const UNSURE: &str = "The hospital did not say what kind of stay this is.";

/// Treatment functions and main specialties that share their numbers (standards 4.7); others keep what was sent.
pub fn specialty(code: &str) -> Option<&'static str> {
    let known = match code.trim() {
        "100" => "General surgery",
        "101" => "Urology",
        "103" => "Breast surgery",
        "104" => "Colorectal surgery",
        "105" => "Hepatobiliary and pancreatic surgery",
        "106" => "Upper gastrointestinal surgery",
        "107" => "Vascular surgery",
        "110" => "Trauma and orthopaedics",
        "120" => "Ear, nose and throat",
        "130" => "Ophthalmology",
        "150" => "Neurosurgery",
        "160" => "Plastic surgery",
        "170" => "Cardiothoracic surgery",
        "172" => "Cardiac surgery",
        "173" => "Thoracic surgery",
        "180" => "Emergency medicine",
        "192" => "Intensive care",
        "300" => "General internal medicine",
        "301" => "Gastroenterology",
        "302" => "Endocrinology",
        "303" => "Clinical haematology",
        "307" => "Diabetes",
        "314" => "Rehabilitation",
        "315" => "Palliative medicine",
        "318" => "Intermediate care",
        "320" => "Cardiology",
        "326" => "Acute internal medicine",
        "330" => "Dermatology",
        "340" => "Respiratory medicine",
        "350" => "Infectious diseases",
        "361" => "Renal medicine",
        "370" => "Medical oncology",
        "400" => "Neurology",
        "410" => "Rheumatology",
        "420" => "Paediatrics",
        "422" => "Neonatology",
        "430" => "Elderly medicine",
        "501" => "Obstetrics",
        "502" => "Gynaecology",
        "560" => "Midwifery",
        "710" => "Adult mental illness",
        "800" => "Clinical oncology",
        _ => return None,
    };
    Some(known)
}

/// Destination of discharge (standards 4.4). Retired codes are read, never made.
pub fn destination(code: &str) -> String {
    let known = match code.trim() {
        "19" => "Usual place of residence",
        "29" => "Temporary place of residence",
        "30" => "Repatriation from high security psychiatric care",
        "37" => "Court",
        "38" => "Penal establishment or police station",
        "40" => "Penal establishment",
        "42" => "Police station",
        "48" | "49" => "High security psychiatric hospital",
        "50" | "84" => "Medium secure unit",
        "51" => "Another NHS hospital, general ward",
        "52" => "Another NHS hospital, maternity or neonatal ward",
        "53" => "Another NHS hospital, mental health or learning disability ward",
        "54" | "65" | "85" => "Care home",
        "55" => "Care home with nursing",
        "56" => "Care home without nursing",
        "66" => "Local authority foster care",
        "79" => "Died",
        "87" => "Independent hospital",
        "88" => "Hospice",
        "89" => "Forced repatriation",
        "98" => "Not applicable",
        "99" | "" => "Not known",
        other => return other.to_owned(),
    };
    known.to_owned()
}

/// Whether an admission method is unplanned: NHS codes (standards 4.6) and HL7 table 0007; `None` for other codes.
pub fn unplanned(method: &str) -> Option<bool> {
    match method.trim().to_ascii_uppercase().as_str() {
        // HL7: accident, emergency, urgent.
        "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "2A" | "2B" | "2C" | "2D" | "A" | "E"
        | "U" => Some(true),
        // HL7: elective, labour, newborn, routine.
        "11" | "12" | "13" | "31" | "32" | "81" | "82" | "83" | "84" | "89" | "C" | "L" | "N" | "R" => {
            Some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_dates_read_as_on_the_page() {
        let told = Place { ward: Some("J28".into()), bed: Some("2".into()), ..Place::default() };
        assert_eq!(elsewhere(&told), "An update says ward J28, bed 2");
        assert_eq!(date(Date::constant(2026, 11, 4)), "04-Nov-2026");
    }

    #[test]
    fn planned_and_maternity_admissions_are_not_unplanned() {
        for code in ["21", "28", "2A", "2D", "E", "a", "U"] {
            assert_eq!(unplanned(code), Some(true), "{code}");
        }
        for code in ["11", "12", "13", "31", "81", "C", "R", "N", "L"] {
            assert_eq!(unplanned(code), Some(false), "{code}");
        }
        assert!(["98", "", "ZZ"].into_iter().all(|code| unplanned(code).is_none()));
    }
}
