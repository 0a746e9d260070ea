//! One item as its source sent it, for those who integrate systems. It is shown as text and never interpreted.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use lcr_model::ViewId;

use super::person::{self, Shell};
use crate::{
    page::{Frame, html},
    session::SignedInReader,
    trouble::Trouble,
    view::tabs::At,
};

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    frame: Frame,
    shell: Shell,
    source: String,
    back: String,
    dataset: &'static str,
    text: String,
}

pub(crate) async fn item(
    reader: SignedInReader,
    Path((id, entry)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    let view = ViewId::new();
    let found = reader.app.deps.records.item(&reader.caller(), person::ask(person, view), &entry).await;
    let found = found.map_err(|failure| person::fails(&reader, person, &failure))?;
    let (shell, record) = person::whole(&reader, person, view, At::Dataset(found.dataset)).await?;
    let page = ItemPage {
        frame: person::frame(&reader, &shell, "Item as sent"),
        source: found.name,
        back: format!("/people/{}/{}", record.person, found.dataset),
        dataset: found.dataset.title(),
        text: serde_json::to_string_pretty(&found.resource).unwrap_or_default(),
        shell,
    };
    Ok(html(StatusCode::OK, &page))
}
