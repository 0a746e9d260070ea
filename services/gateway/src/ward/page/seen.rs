//! Marks the rows that a reader has seen. Nothing else is stored.

use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::web::csrf::CsrfForm;

#[derive(Deserialize)]
pub(crate) struct MarkSeenForm {
    pub(super) list: String,
}

/// Clears the marks of a list. An unknown list changes nothing.
pub(crate) async fn mark_seen(CsrfForm { reader, form }: CsrfForm<MarkSeenForm>) -> Response {
    let key = (reader.signed_in.actor.user.clone(), form.list.clone());
    reader.app.recent_views.mark_seen(&key).await;
    Redirect::to(safe_list_path(&form.list)).into_response()
}

/// The path, if it is one of the two lists, else `/ward`. A form must not redirect anywhere else.
pub(crate) fn safe_list_path(list: &str) -> &str {
    let is_list = list.starts_with("/ward?") || list.starts_with("/ward/discharged?");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/?=&%-_.".contains(c);
    if is_list && list.chars().all(plain) { list } else { "/ward" }
}
