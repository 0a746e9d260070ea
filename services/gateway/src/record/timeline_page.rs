//! The timeline page: the record by date, as lanes and as a table. Both must show the same.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use lcr_model::ViewId;

use crate::{
    layout::{Layout, html, table::Table},
    record::{
        person_page::{self, Shell},
        tabs::CurrentPage,
        timeline::{SHAPE_KEY, Timeline, timeline as lanes},
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    layout: Layout,
    shell: Shell,
    timeline: Timeline,
    key: [(&'static str, &'static str); 4],
    table: Table,
}

pub(crate) async fn timeline(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let (shell, record) = person_page::load_record(&reader, person, ViewId::new(), CurrentPage::Timeline).await?;
    let layout = person_page::person_layout(&reader, &shell, "Timeline");
    let timeline = lanes(&record);
    let table = timeline.table.clone();
    Ok(html(StatusCode::OK, &TimelinePage { layout, shell, timeline, key: SHAPE_KEY, table }))
}
