//! The public register: who shares what with whom, for which purpose, since when, as a page and as JSON for anybody. Identity
//! makes it from the agreements and the registry; it must never name a discreet service.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    Failure,
    partners::sharing_register::{RegisterEntry, SharedDataset, SharingRegister},
    registry::Stage,
    vocabulary::OrganisationKind,
};
use lcr_model::Dataset;
use lcr_web::Problem;

use crate::{
    forms::{
        grid::{Grid, GridCell, Tag},
        page::Section,
    },
    layout::{
        Layout,
        format::{capitalise, format_day},
        html,
    },
    partners::{
        kinds::organisation_kind_words,
        words::{dataset_list, stage_meaning, stage_named},
    },
    state::App,
    web::{error_page::error_page, revalidated::revalidated},
};

#[derive(Template)]
#[template(path = "sharing_register.html")]
struct RegisterPage {
    layout: Layout,
    version: String,
    section: Section,
}

pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    match load(&app).await {
        Ok(register) => {
            let layout = Layout::new(&app, "Who shares what");
            let section = Section::new("", "").grid(register_grid(&register));
            let version = register.agreement_version.clone();
            revalidated(&headers, html(StatusCode::OK, &RegisterPage { layout, version, section })).await
        }
        Err(failure) => error_page(Layout::new(&app, ""), &failure).into_response(),
    }
}

pub(crate) async fn json(State(app): State<App>, headers: HeaderMap) -> Response {
    match load(&app).await {
        Ok(register) => revalidated(&headers, Json(register.as_ref()).into_response()).await,
        Err(failure) => Problem(failure).into_response(),
    }
}

async fn load(app: &App) -> Result<Arc<SharingRegister>, Failure> {
    app.sharing_register.load(app.deps.partners.as_ref(), app.deps.clock.now()).await
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
    let gives = given_lines(&entry.gives);
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

/// A line for each system with its datasets: "St Hilda's PAS: allergies, medications; results (so far for the safety testers)".
fn given_lines(gives: &[SharedDataset]) -> Vec<String> {
    let mut systems: Vec<&str> = Vec::new();
    for system in gives.iter().flat_map(|shared| &shared.systems) {
        if !systems.contains(&system.as_str()) {
            systems.push(system);
        }
    }
    let of_system = |system: &&str| {
        let is_from = |shared: &&SharedDataset| shared.systems.iter().any(|name| name == *system);
        let given: Vec<&SharedDataset> = gives.iter().filter(is_from).collect();
        format!("{system}: {}", datasets_by_stage(&given))
    };
    let without_system: Vec<&SharedDataset> = gives.iter().filter(|shared| shared.systems.is_empty()).collect();
    let others = (!without_system.is_empty()).then(|| capitalise(&datasets_by_stage(&without_system)));
    systems.iter().map(of_system).chain(others).collect()
}

/// The datasets that everybody sees, and then those of each other stage with who sees them.
fn datasets_by_stage(given: &[&SharedDataset]) -> String {
    let mut stages: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
    for shared in given {
        let (words, title) = (stage_words(&shared.stage), shared.dataset.title().to_lowercase());
        match stages.iter_mut().find(|(known, _)| *known == words) {
            Some((_, titles)) => titles.push(title),
            None => stages.push((words, vec![title])),
        }
    }
    let part = |(words, titles): &(String, Vec<String>)| match words.as_str() {
        "" => titles.join(", "),
        words => format!("{} ({words})", titles.join(", ")),
    };
    let parts: Vec<String> = stages.iter().filter(|(_, titles)| !titles.is_empty()).map(part).collect();
    parts.join("; ")
}

/// Who sees a dataset of this stage. Empty if everybody does whom the rules permit.
fn stage_words(name: &str) -> String {
    match stage_named(name) {
        Some(Stage::On) => String::new(),
        Some(stage) => format!("so far for {}", stage_meaning(stage)),
        None => name.to_owned(),
    }
}

#[cfg(test)]
#[path = "register_page_tests.rs"]
mod tests;
