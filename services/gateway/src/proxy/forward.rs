//! How a request is carried to a service. A trait, so that the platform's own client or a test can take its
//! place. It must never follow a redirect: those are the browser's to follow.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Asked {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({}, {} bytes)", self.method, self.body.len())
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

/// Over HTTP, with one pool for all services.
#[derive(Debug)]
pub struct OverHttp(Result<reqwest::Client, String>);

impl OverHttp {
    #[allow(clippy::disallowed_methods, reason = "addresses are our own services', from the settings alone")]
    /// A client that could not be built refuses each request with the reason, not the whole gateway.
    pub fn new() -> Self {
        // A second installation is refused by rustls and changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        let built = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .read_timeout(Duration::from_mins(1))
            .build();
        Self(built.map_err(|error| error.to_string()))
    }
}

impl Default for OverHttp {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Forward for OverHttp {
    async fn forward(&self, asked: Asked) -> Result<Answer, Unreached> {
        let client = self.0.as_ref().map_err(|reason| Unreached(reason.clone()))?;
        let request = client.request(asked.method, asked.url).headers(asked.headers).body(asked.body);
        let response = request.send().await.map_err(unreached)?;
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes_stream().map(|chunk| chunk.map_err(unreached)).boxed(),
        })
    }
}

fn unreached(error: reqwest::Error) -> Unreached {
    Unreached(error.without_url().to_string())
}
