//! Delays of a list by ward and specialty (S-66), as a page and as a CSV file. Virtual-ward decides and records as it does
//! for the list. Neither may name a patient.

use askama::Template;
use axum::{
    extract::Query,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    Failure,
    registry::Registry,
    ward::{Delays, ListOf, ListRequest},
};
use lcr_model::ViewId;

use crate::{
    layout::{Layout, Nav, html, table::Table},
    roles::has_ward_lists,
    ward::{
        delays::{csv, tables},
        list::href,
        list_header::{completeness_line, list_query},
        list_links::list_title,
        query::{ListQuery, default_list},
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "delays.html")]
struct DelaysPage {
    layout: Layout,
    title: String,
    complete: String,
    /// The link to the list.
    list: String,
    /// The link to the CSV file.
    file: String,
    tables: Vec<Table>,
}

pub(crate) async fn page(reader: SignedInReader, Query(query): Query<ListQuery>) -> Result<Response, ErrorPage> {
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let (list_of, delays) = load_delays(&reader, &query, &registry).await?;
    let page = DelaysPage {
        layout: reader.layout("Delays", Nav::Ward),
        title: list_title(&list_of, &registry),
        complete: completeness_line(delays.as_of, &delays.hospitals),
        list: href(&list_of, false),
        file: format!("/ward/delays.csv?{}", list_query(&list_of)),
        tables: tables(&delays),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(crate) async fn csv_file(reader: SignedInReader, Query(query): Query<ListQuery>) -> Result<Response, ErrorPage> {
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let (_, delays) = load_delays(&reader, &query, &registry).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"delays.csv\""),
    ];
    Ok((headers, csv(&delays)).into_response())
}

async fn load_delays(
    reader: &SignedInReader,
    query: &ListQuery,
    registry: &Registry,
) -> Result<(ListOf, Delays), ErrorPage> {
    if !has_ward_lists(reader.signed_in.actor.role) {
        return Err(reader.error_page(&Failure::forbidden("Your role does not see ward lists.")));
    }
    let chosen = query.list().map_err(|failure| reader.error_page(&failure))?;
    let no_list =
        || reader.error_page(&Failure::bad_request("Name the list: a practice, a team, a ward or a consultant."));
    let list_of = chosen.or_else(|| default_list(reader, registry)).ok_or_else(no_list)?;
    let ask = ListRequest { of: list_of.clone(), view: ViewId::new(), days: 0 };
    let delays = reader.app.deps.virtual_ward.delays(&reader.caller(), ask).await;
    Ok((list_of, delays.map_err(|failure| reader.error_page(&failure))?))
}
