//! One item as its source sent it, for people who integrate systems. It must only be shown as text, never interpreted.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use lcr_model::ViewId;

use crate::{
    layout::{Layout, html},
    record::{
        person_page::{self, Shell},
        tabs::CurrentPage,
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    layout: Layout,
    shell: Shell,
    source: String,
    back: String,
    dataset: &'static str,
    text: String,
}

pub(crate) async fn item(
    reader: SignedInReader,
    Path((id, entry)): Path<(String, String)>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let view = ViewId::new();
    let item = reader.app.deps.records.item(&reader.caller(), person_page::view_request(person, view), &entry).await;
    let item = match item {
        Ok(item) => item,
        Err(failure) => return Err(person_page::person_error_page(&reader, person, &failure).await),
    };
    let (shell, record) = person_page::load_record(&reader, person, view, CurrentPage::Dataset(item.dataset)).await?;
    let page = ItemPage {
        layout: person_page::person_layout(&reader, &shell, "Item as sent"),
        source: item.name,
        back: format!("/people/{}/{}", record.person, item.dataset),
        dataset: item.dataset.title(),
        text: serde_json::to_string_pretty(&item.resource).unwrap_or_default(),
        shell,
    };
    Ok(html(StatusCode::OK, &page))
}
