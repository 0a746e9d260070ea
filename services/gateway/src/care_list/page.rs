//! The whole list of people in the care of the reader's organisation, in pages. It must say when it is empty, and that some
//! people may not be shown.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure,
    care_list::{CareList, CareListQuery},
};
use lcr_model::CareLinkKind;
use serde::Deserialize;

use crate::{
    care_list::{
        list::{care_table, list_href},
        names::{Names, load_names},
    },
    layout::{
        Layout, Nav, html,
        link_words::care_list_heading,
        list_links::{Paging, page_of},
        table::Table,
    },
    roles::has_care_list,
    search::people::similar_names,
    ward::CHOICES_NOTE,
    web::{
        error_page::{ErrorPage, as_cannot_record, no_such_page},
        session::SignedInReader,
    },
};

const PAGE_SIZE: usize = 50;

#[derive(Template)]
#[template(path = "people_in_care.html")]
struct CareListPage {
    layout: Layout,
    heading: &'static str,
    /// Whether the list is of one kind.
    of_one_kind: bool,
    total: usize,
    table: Option<Table>,
    similar: Vec<String>,
    paging: Option<Paging>,
    note: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    kind: String,
    page: Option<usize>,
}

pub(crate) async fn people_in_care(
    reader: SignedInReader,
    Query(query): Query<ListQuery>,
) -> Result<Response, ErrorPage> {
    if !has_care_list(reader.signed_in.actor.role) {
        let text = "The list of people in care is for those who care for them.";
        return Err(reader.error_page(&Failure::forbidden(text)));
    }
    let kind = parse_kind(&query.kind).map_err(|failure| reader.error_page(&failure))?;
    let number = query.page.unwrap_or(1).max(1);
    let ask = CareListQuery {
        kind: kind.clone(),
        offset: (number - 1).saturating_mul(PAGE_SIZE) as u64,
        limit: PAGE_SIZE as u64,
    };
    let list = reader.app.deps.consent.care_list(&reader.caller(), ask).await;
    let list = list.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let total = usize::try_from(list.total).unwrap_or(usize::MAX);
    if list.people.is_empty() && total > 0 && number > 1 {
        let last = total.div_ceil(PAGE_SIZE).min(number - 1);
        return Ok(Redirect::to(&list_href(kind.as_ref(), last)).into_response());
    }
    let names = load_names(&reader, &list.people).await;
    let names = names.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    Ok(html(StatusCode::OK, &page(&reader, &list, &names, kind.as_ref(), number)))
}

/// The kind of the query, or none for all kinds.
fn parse_kind(name: &str) -> Result<Option<CareLinkKind>, Failure> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = CareLinkKind::KNOWN.into_iter().find(|kind| kind.as_str() == name);
    known.map(Some).ok_or_else(no_such_page)
}

fn page(
    reader: &SignedInReader,
    list: &CareList,
    names: &Names,
    kind: Option<&CareLinkKind>,
    number: usize,
) -> CareListPage {
    let total = usize::try_from(list.total).unwrap_or(usize::MAX);
    let shown: Vec<_> = list.people.iter().filter_map(|one| names.get(&one.person).cloned()).collect();
    let heading = kind.map_or("People in your care", care_list_heading);
    let links = ("Previous page", "Next page");
    CareListPage {
        layout: reader.layout(heading, Nav::None),
        heading,
        of_one_kind: kind.is_some(),
        total,
        table: (total > 0).then(|| care_table(&list.people, names, kind)),
        similar: similar_names(&shown),
        paging: page_of(total, PAGE_SIZE, number, links, |page| list_href(kind, page)).1,
        note: CHOICES_NOTE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_is_no_list() {
        assert_eq!(parse_kind("").unwrap(), None);
        assert_eq!(parse_kind("resident").unwrap(), Some(CareLinkKind::Resident));
        assert!(parse_kind("of-a-later-version").is_err());
    }
}
