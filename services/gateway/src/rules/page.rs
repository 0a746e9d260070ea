//! The page of the access rules in force, for those who answer for them. It must name no person.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use lcr_contracts::Failure;

use crate::{
    layout::{Layout, Nav, html},
    roles::RULES_ROLES,
    rules::{
        matrix::{Matrix, matrix},
        policy::PolicyInForce,
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    layout: Layout,
    matrix: Matrix,
    policy: PolicyInForce,
}

pub(crate) async fn rules(reader: SignedInReader) -> Result<Response, ErrorPage> {
    if !reader.has_role(&RULES_ROLES) {
        let text = "The access rules are for privacy officers, the Caldicott guardian and platform administrators.";
        return Err(reader.error_page(&Failure::forbidden(text)));
    }
    let rules = reader.app.deps.consent.rules().await.map_err(|failure| reader.error_page(&failure))?;
    let page = RulesPage {
        layout: reader.layout("Access rules", Nav::Rules),
        matrix: matrix(&rules),
        policy: PolicyInForce::of(Some(&rules)),
    };
    Ok(html(StatusCode::OK, &page))
}
