//! The public register: who shares what with whom, for which purpose, since when, as a page and as JSON for anybody. Identity
//! makes it from the agreements and the registry; it must never name a discreet service.

use askama::Template;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    partners::sharing_register::{RegisterEntry, SharedDataset, SharingRegister},
    registry::Stage,
    vocabulary::OrganisationKind,
};
use lcr_model::Dataset;
use lcr_web::Problem;

use crate::{
    layout::{Layout, format::format_day, html},
    partners::{
        grid::{Grid, GridCell, Tag},
        kinds::organisation_kind_words,
        page::Section,
        words::{dataset_list, stage_meaning, stage_named},
    },
    state::App,
    web::error_page::error_page,
};

#[derive(Template)]
#[template(path = "sharing_register.html")]
struct RegisterPage {
    layout: Layout,
    version: String,
    section: Section,
}

pub(crate) async fn page(State(app): State<App>) -> Response {
    match app.deps.partners.sharing_register().await {
        Ok(register) => {
            let layout = Layout::new(&app, "Who shares what");
            let section = Section::new("", "").grid(register_grid(&register));
            html(StatusCode::OK, &RegisterPage { layout, version: register.agreement_version, section })
        }
        Err(failure) => error_page(Layout::new(&app, ""), &failure).into_response(),
    }
}

pub(crate) async fn json(State(app): State<App>) -> Response {
    match app.deps.partners.sharing_register().await {
        Ok(register) => Json(register).into_response(),
        Err(failure) => Problem(failure).into_response(),
    }
}

fn register_grid(register: &SharingRegister) -> Grid {
    Grid {
        caption: "Organisations and what they share",
        columns: vec!["Organisation", "Takes part", "Gives", "Receives", "Purpose and lawful basis"],
        rows: register.partners.iter().map(row).collect(),
        empty: "No organisation has signed the agreement yet.",
    }
}

fn row(entry: &RegisterEntry) -> Vec<GridCell> {
    let kind = organisation_kind_words(&OrganisationKind::from(entry.kind.as_str()));
    let (colour, words) = if entry.takes_part { ("green", "Takes part") } else { ("grey", "Not now") };
    let since = entry
        .since
        .map_or_else(|| "since when is not on record".to_owned(), |day| format!("since {}", format_day(day)));
    let gives = entry.gives.iter().map(given).collect::<Vec<_>>();
    vec![
        GridCell::lines(vec![entry.name.clone(), format!("{kind}, {}", entry.ods)]),
        GridCell { lines: vec![since], ..GridCell::tag(Tag { colour, words }) },
        if gives.is_empty() { GridCell::text("nothing") } else { GridCell::lines(gives) },
        receives_cell(entry.receives.as_deref()),
        GridCell::lines(vec![entry.purpose.clone(), entry.lawful_basis.clone()]),
    ]
}

fn receives_cell(receives: Option<&[Dataset]>) -> GridCell {
    match receives {
        Some(datasets) => GridCell::or(Some(dataset_list(datasets)), "nothing"),
        None => GridCell::text("not on record"),
    }
}

/// A dataset, its systems, and who sees it if not everybody does.
fn given(shared: &SharedDataset) -> String {
    let systems = match shared.systems.as_slice() {
        [] => String::new(),
        names => format!(" from {}", names.join(", ")),
    };
    let stage = match stage_named(&shared.stage) {
        Some(Stage::On) => String::new(),
        Some(stage) => format!(", so far for {}", stage_meaning(stage)),
        None => format!(", {}", shared.stage),
    };
    format!("{}{systems}{stage}", shared.dataset.title())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_record_is_not_shown_as_nothing() {
        assert_eq!(receives_cell(None).lines, ["not on record"]);
        assert_eq!(receives_cell(Some(&[])).lines, ["nothing"]);
        assert_eq!(receives_cell(Some(&[Dataset::Results])).lines, ["Results"]);
    }

    #[test]
    fn a_dataset_that_is_tried_says_who_sees_it() {
        let shared = |stage: &str| {
            let systems = vec!["PAS".to_owned()];
            given(&SharedDataset { dataset: Dataset::Results, systems, stage: stage.to_owned() })
        };
        assert_eq!(shared("on"), "Results from PAS");
        assert_eq!(shared("safety-testers"), "Results from PAS, so far for the safety testers");
        assert_eq!(shared("of-a-later-version"), "Results from PAS, of-a-later-version");
    }
}
