//! How a request is carried to a service. A trait, so that the platform's own client or a test can take its
//! place. It must never follow a redirect: those are the browser's to follow.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode},
};
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use lcr_web::{Outbound, OutboundError, client::Request};

/// A request's body.
pub enum Sent {
    Whole(Bytes),
    /// Passed on as it comes: only the service it is for knows whether it is taken.
    Coming(Body),
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sent(…)")
    }
}

/// A request, ready to be sent.
pub struct Asked {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Sent,
    /// Until the answer begins.
    pub deadline: Duration,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({})", self.method)
    }
}

/// An answer whose body may still be coming.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: BoxStream<'static, Result<Bytes, Unreached>>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

/// The service could not be reached or stopped answering. Holds no URL: a query may name a person.
#[derive(Debug)]
pub struct Unreached(pub String);

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreached {}

#[async_trait]
pub trait Forward: Send + Sync {
    async fn forward(&self, asked: Asked) -> Result<Answer, Unreached>;
}

/// Through the platform's one client. The addresses are our own services', from the settings alone.
#[derive(Debug)]
pub struct OverHttp(Outbound);

impl OverHttp {
    pub fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }
}

#[async_trait]
impl Forward for OverHttp {
    async fn forward(&self, asked: Asked) -> Result<Answer, Unreached> {
        let url = reqwest::Url::parse(&asked.url).map_err(|_| Unreached("not an address".to_owned()))?;
        // What a caller outside said of its trace was left at the door (`headers`); this is our own.
        let mut headers = asked.headers;
        lcr_web::trace::inject(&mut headers);
        let request = Request {
            method: asked.method,
            url,
            headers,
            body: None,
            deadline: asked.deadline,
            max_bytes: usize::MAX,
        };
        let opened = match asked.body {
            Sent::Whole(body) => self.0.open(Request { body: Some(body), ..request }).await,
            Sent::Coming(body) => self.0.open_with(request, body.into_data_stream()).await,
        };
        let opened = opened.map_err(unreached)?;
        Ok(Answer {
            status: StatusCode::from_u16(opened.status).unwrap_or(StatusCode::BAD_GATEWAY),
            headers: opened.headers,
            body: opened.body.map(|chunk| chunk.map_err(unreached)).boxed(),
        })
    }
}

fn unreached(error: OutboundError) -> Unreached {
    Unreached(error.to_string())
}
