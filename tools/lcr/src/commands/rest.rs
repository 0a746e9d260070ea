//! The platform's public API as the command line asks it: JSON, a bearer token, a deadline.

use std::time::Duration;

use lcr_web::{EgressRules, Outbound, client::Request};
use reqwest::{Method, Url, header::HeaderValue};
use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(10);

/// Somebody's way to the platform on `port`.
pub struct Client {
    outbound: Outbound,
    origin: String,
    bearer: HeaderValue,
}

impl Client {
    pub fn new(port: u16, token: &str) -> Result<Self, String> {
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
        let bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "the token does not read")?;
        Ok(Self { outbound, origin: format!("http://localhost:{port}"), bearer })
    }

    /// The status and what came with it; `Null` for what is not JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<(u16, Value), String> {
        let url = Url::parse(&format!("{}{path}", self.origin)).map_err(|error| error.to_string())?;
        let mut request = Request {
            method: Method::POST,
            body: Some(body.to_string().into()),
            ..Outbound::get(url, DEADLINE)
        };
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        request.headers.insert("authorization", self.bearer.clone());
        let answer =
            self.outbound.send(request).await.map_err(|_| "the platform does not answer".to_owned())?;
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null)))
    }
}
