//! Codes and facts in words, for the page and the API alike.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::spell::Place;

use super::{london, spell::Warning};

/// 24-Nov-2026.
pub fn date(date: Date) -> String {
    date.strftime("%d-%b-%Y").to_string()
}

/// "ward J28, bay 2, bed 4".
pub fn place(place: &Place) -> String {
    let parts = [("ward", &place.ward), ("bay", &place.bay), ("bed", &place.bed), ("site", &place.site)];
    let said = parts.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty())?;
        Some(format!("{name} {value}"))
    });
    said.collect::<Vec<_>>().join(", ")
}

pub fn elsewhere(told: &Place) -> String {
    format!("An update says {}", place(told))
}

pub fn said_left(at: Timestamp) -> String {
    format!("An update says they left on {}", date(london::date(at)))
}

pub fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::AdmissionFromTransfer => "The admission itself was not sent; worked out from a transfer.",
        Warning::AdmissionFromDischarge => {
            "The admission itself was not sent; worked out from the discharge."
        }
        Warning::MovedByAdmission => "A second admission was sent for another place; shown as a move.",
        Warning::MoveMissing => "A move between wards was not sent; worked out from the next one.",
        Warning::AdmittedAgain => "Admitted again under the same visit number.",
        Warning::LeftBeforeAdmitted => "The hospital's times say they left before they came.",
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

/// Whether an admission method is unplanned (standards 4.6).
pub fn unplanned(method: &str) -> bool {
    matches!(method.trim(), "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "2A" | "2B" | "2C" | "2D")
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
        assert!(["21", "28", "2A", "2D"].into_iter().all(unplanned));
        assert!(!["11", "12", "13", "31", "81", "98", ""].into_iter().any(unplanned));
    }
}
