//! The record by date.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use lcr_model::ViewId;

use super::person::{self, Shell};
use crate::{
    page::{Frame, html},
    session::SignedInReader,
    trouble::Trouble,
    view::{
        table::Table,
        tabs::At,
        timeline::{KEY, Timeline, timeline as lanes},
    },
};

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    frame: Frame,
    shell: Shell,
    timeline: Timeline,
    key: [(&'static str, &'static str); 4],
    table: Table,
}

pub(crate) async fn timeline(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    let (shell, record) = person::whole(&reader, person, ViewId::new(), At::Timeline).await?;
    let frame = person::frame(&reader, &shell, "Timeline");
    let timeline = lanes(&record);
    let table = timeline.table.clone();
    Ok(html(StatusCode::OK, &TimelinePage { frame, shell, timeline, key: KEY, table }))
}
