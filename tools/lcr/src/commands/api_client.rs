//! A client of the platform's public API: JSON with a bearer token and a time limit. It must never retry.

use std::time::Duration;

use lcr_web::{EgressRules, Outbound, outbound::Request};
use reqwest::{Method, Url, header::HeaderValue};
use serde_json::Value;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of the platform on one port, with one token.
pub struct ApiClient {
    outbound: Outbound,
    origin: String,
    bearer: HeaderValue,
}

impl ApiClient {
    pub fn new(port: u16, token: &str) -> Result<Self, String> {
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
        let bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "the token is not a valid header value")?;
        Ok(Self { outbound, origin: format!("http://localhost:{port}"), bearer })
    }

    /// Returns the status and the body; `Null` for a body that is not JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<(u16, Value), String> {
        let url = Url::parse(&format!("{}{path}", self.origin)).map_err(|error| error.to_string())?;
        let mut request = Request {
            method: Method::POST,
            body: Some(body.to_string().into()),
            ..Outbound::get(url, REQUEST_TIMEOUT)
        };
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        request.headers.insert("authorization", self.bearer.clone());
        let answer = self.outbound.send(request).await.map_err(|_| "the platform does not answer".to_owned())?;
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null)))
    }
}
