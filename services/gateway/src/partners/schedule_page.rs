//! The data-flow schedule: which datasets an organisation gives and receives, on which basis. A changed schedule counts only
//! once it is signed; identity decides that.

use std::collections::BTreeSet;

use axum::response::Response;
use lcr_contracts::partners::{
    PartnerChange,
    organisation::{DataFlowSchedule, OrganisationChange},
};
use lcr_model::Dataset;

use crate::{
    forms::{form_input::Values, page::Section, submission::FormSubmission},
    partners::{
        partner::{Partner, PartnerForm, PartnerPage},
        words::dataset_list,
    },
};

const PAGE: &str = "/schedule";
/// What the agreement of the city rests on.
const USUAL_BASIS: &str = "6(1)(e), 9(2)(h)";

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Response {
    draw(&partner, &submission)
}

pub(crate) async fn save(PartnerForm { partner, form }: PartnerForm) -> Response {
    let change = PartnerChange::Organisation(OrganisationChange::SetSchedule(read_schedule(&form)));
    match partner.change(form, Ok(change)).await {
        Ok(_) => partner.saved(PAGE),
        Err(submission) => draw(&partner, &submission),
    }
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let schedule =
        partner.file.agreement.schedule.clone().unwrap_or_else(|| DataFlowSchedule {
            lawful_basis: USUAL_BASIS.to_owned(),
            ..DataFlowSchedule::default()
        });
    let form = partner
        .form("schedule", "", PAGE, submission)
        .datasets("gives", "What you give", "Leave all empty if you only read.", Dataset::ALL, |one| {
            schedule.gives.contains(&one)
        })
        .datasets("receives", "What you receive", "What your staff need for direct care.", Dataset::ALL, |one| {
            schedule.receives.contains(&one)
        })
        .line(
            "lawful_basis",
            "Lawful basis",
            "The conditions of UK GDPR articles 6 and 9.",
            schedule.lawful_basis.clone(),
        )
        .line(
            "retention",
            "How long you keep what you give",
            "At most 200 characters, such as: as in the NHS Records Management Code of Practice.",
            schedule.retention.clone(),
        )
        .reason("Why you change this (not required)");
    let section = Section::new("", "")
        .text("The schedule is part of the agreement, so those who sign must sign again after a change.")
        .text(
            "What you take out stops at once, for everybody, and begins switched off when it comes back. What you add \
            waits for the signatures.",
        )
        .form(form);
    let section = if section.lacks_forms { with_schedule(section, &schedule) } else { section };
    partner.show("What you give and receive", vec![section], submission)
}

/// The schedule for a reader who may not change it.
fn with_schedule(section: Section, schedule: &DataFlowSchedule) -> Section {
    let datasets = |datasets: &BTreeSet<Dataset>| Some(dataset_list(datasets)).filter(|list| !list.is_empty());
    section
        .fact("Gives", datasets(&schedule.gives).unwrap_or_else(|| "nothing".to_owned()))
        .fact("Receives", datasets(&schedule.receives).unwrap_or_else(|| "nothing".to_owned()))
        .fact("Lawful basis", schedule.lawful_basis.clone())
        .fact("How long it keeps what it gives", schedule.retention.clone())
}

fn read_schedule(values: &Values) -> DataFlowSchedule {
    DataFlowSchedule {
        gives: values.datasets("gives"),
        receives: values.datasets("receives"),
        lawful_basis: values.text("lawful_basis"),
        retention: values.text("retention"),
    }
}
