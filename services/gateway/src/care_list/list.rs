//! The rows of a list of people in care. A row must not name anybody whose summary was not given.

use lcr_contracts::{care_list::PersonInCare, patient_index::PatientSummary};
use lcr_model::CareLinkKind;

use crate::{
    care_list::names::Names,
    layout::{
        format::{format_day, format_moment, format_nhs_number, in_london},
        link_words::care_list_heading,
        table::{Cell, Row, Table, headings},
    },
    record::banner::full_name,
};

/// The kinds in the order of the home page.
pub(crate) const KINDS: [CareLinkKind; 9] = [
    CareLinkKind::Caseload,
    CareLinkKind::Appointment,
    CareLinkKind::Resident,
    CareLinkKind::UrgentCase,
    CareLinkKind::SafeguardingEnquiry,
    CareLinkKind::Referral,
    CareLinkKind::DischargedTo,
    CareLinkKind::MeetingList,
    CareLinkKind::NominatedPharmacy,
];

/// The table of one kind, or of all kinds with a column for the kind.
pub(crate) fn care_table(people: &[PersonInCare], names: &Names, kind: Option<&CareLinkKind>) -> Table {
    let mut columns = vec!["Name", "Born", "NHS No.", "Team", "When"];
    if kind.is_none() {
        columns.insert(3, "List");
    }
    let rows = people.iter().filter_map(|one| Some(row(one, names.get(&one.person)?, kind.is_none())));
    Table {
        caption: caption(people).to_owned(),
        note: None,
        columns: headings(&columns),
        rows: rows.collect(),
        empty: "None of these people can be shown right now.".to_owned(),
    }
}

fn caption(people: &[PersonInCare]) -> &'static str {
    let appointments = people.iter().filter(|one| one.kind == CareLinkKind::Appointment).count();
    match appointments {
        0 => "The newest first",
        all if all == people.len() => "By time",
        _ => "Appointments by time, then the others, the newest first",
    }
}

fn row(one: &PersonInCare, patient: &PatientSummary, with_kind: bool) -> Row {
    let name = Cell::new(full_name(&patient.family, &patient.given, patient.title.as_deref()));
    let mut cells = vec![
        name.with_link(format!("/people/{}", patient.id)).with_remark(patient.died.then(|| "Died".to_owned())),
        Cell::or(patient.birth_date.map(format_day), "Not known").nowrap(),
        Cell::new(format_nhs_number(patient.nhs_number.as_ref())).nowrap(),
        Cell::or(one.team.clone(), "not sent"),
        when(one),
    ];
    if with_kind {
        cells.insert(3, Cell::new(care_list_heading(&one.kind)));
    }
    // A person may be on two lists of one page.
    Row { id: format!("{}-{}", one.kind, one.person), cells }
}

/// The time of an appointment, or since and until when the person is in care.
fn when(one: &PersonInCare) -> Cell {
    let day = |at| format_day(in_london(at).date());
    let from = if one.kind == CareLinkKind::Appointment {
        one.from.map(format_moment)
    } else {
        one.from.map(|at| format!("since {}", day(at)))
    };
    let until = one.until.filter(|_| one.kind != CareLinkKind::Appointment).map(|at| format!("until {}", day(at)));
    let lines: Vec<String> = from.into_iter().chain(until).collect();
    if lines.is_empty() { Cell::or(None, "not sent") } else { Cell::lines(lines).nowrap() }
}

/// The address of a list, without any information about a person.
pub(crate) fn list_href(kind: Option<&CareLinkKind>, page: usize) -> String {
    let query: Vec<String> =
        kind.map(|kind| format!("kind={kind}")).into_iter().chain((page > 1).then(|| format!("page={page}"))).collect();
    if query.is_empty() { "/people-in-care".to_owned() } else { format!("/people-in-care?{}", query.join("&")) }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
