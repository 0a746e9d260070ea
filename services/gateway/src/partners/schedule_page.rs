//! The data-flow schedule: which datasets an organisation gives and receives, on which basis. A changed schedule counts only
//! once it is signed; identity decides that.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use lcr_contracts::partners::{
    PartnerChange,
    organisation::{DataFlowSchedule, OrganisationChange},
};
use lcr_model::Dataset;

use crate::{
    partners::{
        form_input::Values,
        page::Section,
        partner::Partner,
        posted::{DoneQuery, Posted},
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

const PAGE: &str = "/schedule";
/// What the agreement of the city rests on.
const USUAL_BASIS: &str = "6(1)(e), 9(2)(h)";

pub(crate) async fn page(
    reader: SignedInReader,
    Path(ods): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    Ok(draw(&partner, &Posted::after(&query)))
}

pub(crate) async fn save(
    Path(ods): Path<String>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let change = PartnerChange::Organisation(OrganisationChange::SetSchedule(read_schedule(&form)));
    match partner.change(form, Ok(change)).await {
        Ok(_) => Ok(partner.saved(PAGE)),
        Err(posted) => Ok(draw(&partner, &posted)),
    }
}

fn draw(partner: &Partner, posted: &Posted) -> Response {
    let schedule =
        partner.file.agreement.schedule.clone().unwrap_or_else(|| DataFlowSchedule {
            lawful_basis: USUAL_BASIS.to_owned(),
            ..DataFlowSchedule::default()
        });
    let form = partner
        .form("schedule", "", PAGE, posted)
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
    partner.show("What you give and receive", vec![section], posted)
}

fn read_schedule(values: &Values) -> DataFlowSchedule {
    DataFlowSchedule {
        gives: values.datasets("gives"),
        receives: values.datasets("receives"),
        lawful_basis: values.text("lawful_basis"),
        retention: values.text("retention"),
    }
}
