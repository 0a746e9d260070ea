//! The timeline page: the record by date, as lanes and as a list. Both must show the same.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_model::ViewId;

use crate::{
    layout::{
        Layout,
        filter::Filter,
        html,
        list_links::{LinkGroup, Paging},
    },
    record::{
        person_page::{self, Shell},
        tabs::CurrentPage,
        timeline::{SHAPE_KEY, Timeline, timeline as by_date},
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    layout: Layout,
    shell: Shell,
    href: String,
    links: Vec<LinkGroup>,
    timeline: Timeline,
    paging: Option<Paging>,
    key: [(&'static str, &'static str); 4],
}

pub(crate) async fn timeline(
    reader: SignedInReader,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let (shell, record) = person_page::load_record(&reader, person, ViewId::new(), CurrentPage::Timeline).await?;
    let layout = person_page::person_layout(&reader, &shell, "Timeline");
    let href = format!("/people/{}/timeline", record.person);
    let mut timeline = by_date(&record, &filter, &href);
    let paging = timeline.paging.take();
    let links = link_groups(&filter, &href, &timeline);
    Ok(html(StatusCode::OK, &TimelinePage { layout, shell, href, links, timeline, paging, key: SHAPE_KEY }))
}

fn link_groups(filter: &Filter, href: &str, timeline: &Timeline) -> Vec<LinkGroup> {
    let link = |field: &str, value: &str, words: String, own: &str| {
        (words, filter.href(href, &[(field, value)]), own == value)
    };
    let all = |field: &str, own: &str| std::iter::once(link(field, "", "All".into(), own));
    let kinds = timeline
        .kinds
        .iter()
        .map(|(dataset, count)| link("kind", dataset.as_str(), format!("{} ({count})", dataset.title()), &filter.kind));
    let sources = timeline.sources.iter().map(|(id, name)| link("source", id, name.clone(), &filter.source));
    let orders = [("", "Newest first"), ("oldest", "Oldest first")]
        .map(|(value, words)| link("sort", value, words.into(), &filter.sort));
    let groups = [
        (timeline.kinds.len() > 1).then(|| LinkGroup::new("Kind", all("kind", &filter.kind).chain(kinds))),
        (timeline.sources.len() > 1)
            .then(|| LinkGroup::new("Organisation", all("source", &filter.source).chain(sources))),
        Some(LinkGroup::new("Order", orders)),
    ];
    groups.into_iter().flatten().flatten().collect()
}
