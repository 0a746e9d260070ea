//! Requests to the source that is checked, each with a limit of time and size. It must only read, and quote nothing of an answer.

use std::{fmt, time::Duration};

use lcr_fhir::{BundleError, Searchset, json};
use lcr_web::{
    AuthenticatedError, AuthenticatedOutbound, Outbound, OutboundError,
    outbound::{Answer, Request},
};
use reqwest::Url;

use crate::time;

const MAX_ANSWER_BYTES: usize = 4 << 20;

/// The source that is checked.
pub struct Source {
    client: AuthenticatedOutbound,
    base: Url,
    timeout: Duration,
}

/// One page of a search.
pub struct Page {
    pub page: Searchset,
    /// Times in the answer that have no zone.
    pub without_zone: usize,
}

/// Why a search gave no page. Its text follows the name of the search: "Condition was refused …".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchError {
    Call(AuthenticatedError),
    Status(u16),
    NotASearchset,
    ReportsError,
}

impl Source {
    /// `None` if the address is not one of http.
    pub fn new(client: &AuthenticatedOutbound, base_url: &str, timeout: Duration) -> Option<Self> {
        let base = Url::parse(base_url.trim()).ok().filter(|base| matches!(base.scheme(), "http" | "https"))?;
        Some(Self { client: client.limited_to(&base), base, timeout })
    }

    pub fn base(&self) -> &Url {
        &self.base
    }

    pub async fn get(&self, url: Url) -> Result<Answer, AuthenticatedError> {
        let request = Request { max_bytes: MAX_ANSWER_BYTES, ..Outbound::get(url, self.timeout) };
        self.client.send(request).await
    }

    /// The address of `path` below the base.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url
    }

    /// Resolves a link of an answer. `None` if it leaves the source.
    pub fn resolve(&self, link: &str) -> Option<Url> {
        let mut root = self.base.clone();
        root.set_path(&format!("{}/", self.base.path().trim_end_matches('/')));
        let url = root.join(link).ok()?;
        let is_inside = url.path().starts_with(root.path()) || url.path() == self.base.path();
        (url.origin() == root.origin() && is_inside).then_some(url)
    }

    pub async fn search(&self, resource_type: &str, query: &[(&str, &str)]) -> Result<Page, SearchError> {
        let mut url = self.url(resource_type);
        url.query_pairs_mut().extend_pairs(query);
        self.read_page(url, resource_type).await
    }

    /// Reads a page at this address.
    pub async fn read_page(&self, url: Url, resource_type: &str) -> Result<Page, SearchError> {
        let answer = self.get(url).await.map_err(SearchError::Call)?;
        if answer.status != 200 {
            return Err(SearchError::Status(answer.status));
        }
        let page = Searchset::read(&answer.body, resource_type).map_err(|error| match error {
            BundleError::Outcome(_) => SearchError::ReportsError,
            BundleError::NotJson | BundleError::NotABundle => SearchError::NotASearchset,
        })?;
        if page.reports_error {
            return Err(SearchError::ReportsError);
        }
        let without_zone = json::parse(&answer.body).map_or(0, |value| time::count_without_zone(&value));
        Ok(Page { page, without_zone })
    }
}

impl SearchError {
    /// Whether our credentials are the cause.
    pub fn is_refusal(self) -> bool {
        let no_token = [AuthenticatedError::TokenRefused, AuthenticatedError::UnusableCredentials];
        matches!(self, Self::Status(401 | 403)) || no_token.iter().any(|error| self == Self::Call(*error))
    }
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => f.write_str(call_text(*error)),
            Self::Status(401) => f.write_str("was refused with status 401: check the credentials that you gave us"),
            Self::Status(403) => f.write_str("was refused with status 403: allow our client to read and search it"),
            Self::Status(status) => write!(f, "was answered with status {status} in place of 200"),
            Self::NotASearchset => f.write_str("was not answered with a FHIR Bundle in JSON"),
            Self::ReportsError => f.write_str("was answered with an OperationOutcome that reports an error"),
        }
    }
}

/// What became of a call that got no answer, after the name of the call.
pub fn call_text(error: AuthenticatedError) -> &'static str {
    match error {
        AuthenticatedError::TokenRefused => "was not sent, because the token endpoint gave us no token",
        AuthenticatedError::UnusableCredentials => "was not sent, because the credentials cannot be used",
        AuthenticatedError::Outbound(OutboundError::Refused) => "has an address that we may not call",
        AuthenticatedError::Outbound(OutboundError::Connect) => "got no connection",
        AuthenticatedError::Outbound(OutboundError::Tls) => "got no secure connection",
        AuthenticatedError::Outbound(OutboundError::TimedOut) => "got no answer within 5 seconds",
        AuthenticatedError::Outbound(OutboundError::TooLarge) => "got an answer of more than 4 MB",
        AuthenticatedError::Outbound(OutboundError::Broken) => "got an answer that broke off",
    }
}
