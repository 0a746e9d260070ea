//! Delays of a list by ward and specialty (S-66), as a page and as a file. Virtual-ward decides and records like for the
//! list itself; neither names a patient.

use askama::Template;
use axum::{
    extract::Query,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{
    Failure,
    identity::Registry,
    ward::{Delays, ListAsk, ListOf},
};
use lcr_model::ViewId;

use super::{
    asked::{Asked, default_list},
    whose,
};
use crate::{
    page::{Frame, Nav, html},
    roles::has_lists,
    session::SignedInReader,
    trouble::Trouble,
    view::{
        table::Table,
        ward::{
            around::{complete, query},
            delays::{csv, tables},
            list::href,
        },
    },
};

#[derive(Template)]
#[template(path = "delays.html")]
struct DelaysPage {
    frame: Frame,
    whose: String,
    complete: String,
    /// The list that it is about, and the same as a file.
    list: String,
    file: String,
    tables: Vec<Table>,
}

pub(crate) async fn page(reader: SignedInReader, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let (of, delays) = read(&reader, &asked, &registry).await?;
    let page = DelaysPage {
        frame: reader.frame("Delays", Nav::Ward),
        whose: whose(&of, &registry),
        complete: complete(delays.as_of, &delays.hospitals),
        list: href(&of, false),
        file: format!("/ward/delays.csv?{}", query(&of)),
        tables: tables(&delays),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(crate) async fn file(reader: SignedInReader, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let (_, delays) = read(&reader, &asked, &registry).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"delays.csv\""),
    ];
    Ok((headers, csv(&delays)).into_response())
}

async fn read(
    reader: &SignedInReader,
    asked: &Asked,
    registry: &Registry,
) -> Result<(ListOf, Delays), Trouble> {
    if !has_lists(reader.signed_in.actor.role) {
        return Err(reader.fails(&Failure::forbidden("Your role does not see ward lists.")));
    }
    let named = asked.list().map_err(|failure| reader.fails(&failure))?;
    let none =
        || reader.fails(&Failure::bad_request("Name the list: a practice, a team, a ward or a consultant."));
    let of = named.or_else(|| default_list(reader, registry)).ok_or_else(none)?;
    let ask = ListAsk { of: of.clone(), view: ViewId::new(), days: 0 };
    let delays = reader.app.deps.virtual_ward.delays(&reader.caller(), ask).await;
    Ok((of, delays.map_err(|failure| reader.fails(&failure))?))
}
