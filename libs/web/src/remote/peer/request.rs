//! The request of a call: its address, both tokens and the trace. No request data may be in a URL, and no token in a log.

use std::{sync::PoisonError, time::Duration};

use jiff::SignedDuration;
use lcr_auth::sign_service;
use lcr_contracts::Failure;
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};

use super::Peer;
use crate::{auth::SERVICE_TOKEN, outbound::Request, remote::MaybeCaller};

/// The largest answer: a whole record with inline documents.
const MAX_ANSWER_BYTES: usize = 64 << 20;
/// A token with less time left than this is replaced.
const MIN_TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(60);

impl Peer {
    pub(super) fn request(
        &self,
        call: &str,
        headers: HeaderMap,
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Request, Failure> {
        let url = self.base.join(&format!("/internal/v1/{call}")).map_err(Failure::internal)?;
        let body = Some(body.into());
        Ok(Request { method: Method::POST, url, headers, body, deadline, max_bytes: MAX_ANSWER_BYTES })
    }

    pub(super) fn headers(&self, caller: MaybeCaller<'_>) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static(SERVICE_TOKEN), self.service_token()?);
        if let Some(caller) = caller {
            let mut bearer = HeaderValue::try_from(format!("Bearer {}", caller.token.as_ref()))
                .map_err(|_| Failure::internal("the user's token is not one"))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        crate::trace::inject(&mut headers);
        Ok(headers)
    }

    /// Reuses one signature for many calls.
    fn service_token(&self) -> Result<HeaderValue, Failure> {
        let now = self.clock.now();
        let mut cached = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((until, token)) = cached.as_ref()
            && *until > now + MIN_TOKEN_LIFE
        {
            return Ok(token.clone());
        }
        let text = sign_service(self.keys.own(), self.me, self.to, now).map_err(Failure::internal)?;
        let mut token = HeaderValue::try_from(text).map_err(Failure::internal)?;
        token.set_sensitive(true);
        let until = now + SignedDuration::from_secs(lcr_auth::token::LIFE_SECONDS);
        *cached = Some((until, token.clone()));
        Ok(token)
    }
}
