//! The source systems of an organisation, and the form of a new one.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::partners::{
    PartnerChange,
    system::{SystemChange, SystemStatus},
};

use crate::{
    partners::{
        check_report::report_words,
        form_input::Values,
        grid::{Grid, GridCell, Tag},
        kinds::system_kind_words,
        page::Section,
        partner::Partner,
        posted::{DoneQuery, Posted},
        system_form::{read_system, system_fields},
        words::{credential_words, managed_by_words},
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

const NEW: &str = "/systems/new";

pub(crate) async fn list(
    reader: SignedInReader,
    Path(ods): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let section = Section::new("", "")
        .text("Each system is set up, passes a check, goes live, and is then switched on dataset by dataset.")
        .grid(systems_grid(&partner))
        .link("Connect a system", partner.path(NEW));
    Ok(partner.show("Your systems", vec![section], &Posted::after(&query)))
}

pub(crate) async fn new_system(reader: SignedInReader, Path(ods): Path<String>) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    Ok(draw_new(&partner, &Posted::default()))
}

pub(crate) async fn make(
    Path(ods): Path<String>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let draft = read_system(&form, None);
    let page = draft.as_ref().map(|draft| partner.path(&format!("/systems/{}?done=1", draft.id)));
    let page = page.unwrap_or_else(|_| partner.path("/systems"));
    let change = draft.map(|draft| PartnerChange::System(SystemChange::Put(Box::new(draft))));
    match partner.change(form, change).await {
        Ok(_) => Ok(Redirect::to(&page).into_response()),
        Err(posted) => Ok(draw_new(&partner, &posted)),
    }
}

fn draw_new(partner: &Partner, posted: &Posted) -> Response {
    let form = system_fields(partner.form("new-system", "", NEW, posted), partner, None).button("Add the system");
    let section = Section::new("", "")
        .text("Nothing is asked of the system yet. Next you set its credentials and run the check.")
        .form(form);
    let back = ("Your systems".to_owned(), partner.path("/systems"));
    partner.show_below("Connect a system", back, vec![section], posted)
}

fn systems_grid(partner: &Partner) -> Grid {
    let row = |system: &SystemStatus| {
        let id = &system.draft.id;
        vec![
            GridCell::text(&system.draft.name).with_link(partner.path(&format!("/systems/{id}"))),
            GridCell::text(system_kind_words(&system.draft.kind)),
            GridCell::tag(system_tag(system)),
            GridCell::text(credential_words(system.credentials)),
            GridCell::text(report_words(system.report.as_ref())),
            GridCell::text(managed_by_words(&system.managed_by)),
        ]
    };
    Grid {
        caption: "Systems",
        columns: vec!["System", "Kind", "State", "Credentials", "Check", "Managed by"],
        rows: partner.file.systems.iter().map(row).collect(),
        empty: "No system is connected yet.",
    }
}

pub(crate) fn system_tag(system: &SystemStatus) -> Tag {
    let (colour, words) = match (system.suspended, system.live) {
        (true, _) => ("red", "Suspended"),
        (false, true) => ("green", "Live"),
        (false, false) => ("blue", "Not live yet"),
    };
    Tag { colour, words }
}
