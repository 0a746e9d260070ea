//! Reads the published log. It must never trust a tile that does not lead to the signed checkpoint.

use std::time::Duration;

use lcr_web::{EgressRules, Outbound, outbound::Request};
use reqwest::{Url, header::HeaderValue};
use tlog_tiles::Checkpoint;

use super::{Check, read_signed_checkpoint};

/// A client that reads the log over HTTP.
pub(super) struct LogClient {
    base: String,
    pub(super) api: String,
    outbound: Outbound,
}

impl LogClient {
    pub(super) fn new(verify: &Check) -> Result<Self, String> {
        // The user chooses the address of the log, so private addresses are allowed.
        let rules = EgressRules { inside: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
        Ok(Self { base: verify.log.clone(), api: verify.api.clone(), outbound })
    }

    pub(super) async fn checkpoint(&self, key: &str) -> Result<(String, Checkpoint), String> {
        let bytes = self.get(&format!("{}/checkpoint", self.base), None).await?;
        let checkpoint = read_signed_checkpoint(&bytes, key)?;
        Ok((String::from_utf8_lossy(&bytes).into_owned(), checkpoint))
    }

    pub(super) async fn tile(&self, path: &str) -> Result<Vec<u8>, String> {
        self.get(&format!("{}/tile/{path}", self.base), None).await
    }

    pub(super) async fn get(&self, url: &str, token: Option<&str>) -> Result<Vec<u8>, String> {
        let parsed = Url::parse(url).map_err(|_| format!("{url} is not a URL"))?;
        let mut request: Request = Outbound::get(parsed, Duration::from_secs(20));
        request.max_bytes = 32 << 20;
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| "the token is not a valid header value")?;
            request.headers.insert("authorization", value);
        }
        let answer = self.outbound.send(request).await;
        let answer = answer.map_err(|error| format!("{url}: {error}"))?;
        if answer.status == 200 { Ok(answer.body.to_vec()) } else { Err(format!("{url} answers {}", answer.status)) }
    }
}
