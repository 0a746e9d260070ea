//! The NHS numbers of the people listed. A number must never be in a text.

use lcr_fhir::{Item, Searchset, read};
use lcr_model::NhsNumber;

use crate::report::Report;

const SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";
const NAME: &str = "nhs-number";

/// How a Patient gives the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberState {
    Valid,
    WrongDigits,
    WrongSystem,
    Nowhere,
}

pub fn check(people: &Searchset, report: &mut Report) {
    let given: Vec<NumberState> = people.items.iter().map(read_number).collect();
    let count = |kind: NumberState| given.iter().filter(|one| **one == kind).count();
    let (all, wrong_digits, wrong_system) =
        (given.len(), count(NumberState::WrongDigits), count(NumberState::WrongSystem));
    if given.is_empty() {
        report.failed(NAME, "The list of people is empty. Load at least one test patient, so that we can check.");
    } else if wrong_digits > 0 {
        let text = format!(
            "{wrong_digits} of {all} people have an NHS number that is not ten digits with a right check digit."
        );
        report.failed(NAME, text);
    } else if count(NumberState::Valid) == 0 && wrong_system > 0 {
        report.failed(
            NAME,
            format!("The NHS number must be an identifier of the system {SYSTEM}. It has another system."),
        );
    } else if count(NumberState::Valid) == 0 {
        report.failed(NAME, format!("Nobody has an identifier of the system {SYSTEM}, so we cannot link anybody."));
    } else if wrong_system + count(NumberState::Nowhere) > 0 {
        let without = wrong_system + count(NumberState::Nowhere);
        report.warning(NAME, format!("{without} of {all} people have no identifier of the system {SYSTEM}."));
    } else {
        report.passed(NAME, format!("All {all} people that we listed have a valid NHS number."));
    }
}

fn read_number(patient: &Item) -> NumberState {
    let identifiers = read::list(patient.value(), "identifier");
    let values = |ours: bool| {
        let of_system = identifiers.iter().filter(move |one| (read::str_at(one, "system") == Some(SYSTEM)) == ours);
        of_system.filter_map(|one| read::str_at(one, "value"))
    };
    // An element of FHIR holds the ten digits without spaces.
    let is_valid = |text: &str| NhsNumber::parse(text).is_ok_and(|number| number.as_str() == text);
    match values(true).next() {
        Some(_) if values(true).all(is_valid) => NumberState::Valid,
        Some(_) => NumberState::WrongDigits,
        None if values(false).any(|text| NhsNumber::parse(text).is_ok()) => NumberState::WrongSystem,
        None => NumberState::Nowhere,
    }
}
