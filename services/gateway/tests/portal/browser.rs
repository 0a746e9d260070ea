//! A minimal browser: sends a request and returns status, headers and text.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use tower::ServiceExt;

use crate::fakes::{ORIGIN, World};

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

pub async fn get_as(world: &Arc<World>, role: &str, path: &str) -> Answer {
    get_from(&world.router(), role, path).await
}

/// A page of one gateway, which remembers what was opened before.
pub async fn get_from(router: &Router, role: &str, path: &str) -> Answer {
    let request =
        Request::get(path).header(header::HOST, "localhost:8080").header(header::COOKIE, format!("__Host-lcr={role}"));
    send(router.clone(), request.body(Body::empty()).unwrap()).await
}

pub async fn get(path: &str) -> Answer {
    get_as(&Arc::default(), "gp", path).await
}

/// A form post from `origin` with these fields.
pub fn form(path: &str, origin: &str, fields: &str) -> Request<Body> {
    Request::post(path)
        .header(header::HOST, "localhost:8080")
        .header(header::COOKIE, "__Host-lcr=gp")
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(fields.to_owned()))
        .unwrap()
}

pub async fn post(router: Router, path: &str, fields: &str) -> Answer {
    send(router, form(path, ORIGIN, fields)).await
}

/// Sends a form from our own origin in this role, with a valid token added.
pub async fn post_as(world: &Arc<World>, role: &str, path: &str, fields: &str) -> Answer {
    post_to(&world.router(), role, path, fields).await
}

/// The same to one gateway, which remembers it.
pub async fn post_to(router: &Router, role: &str, path: &str, fields: &str) -> Answer {
    let request = Request::post(path)
        .header(header::HOST, "localhost:8080")
        .header(header::COOKIE, format!("__Host-lcr={role}"))
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("form_token=form-token&{fields}")));
    send(router.clone(), request.unwrap()).await
}

/// The text of a page without tags, with single spaces and decoded quotes.
pub fn visible_text(html: &str) -> String {
    let text: Vec<&str> = html.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text)).collect();
    let text = text.join(" ").replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
