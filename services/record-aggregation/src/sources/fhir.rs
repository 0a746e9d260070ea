//! One exchange with a FHIR R4 source. Only reads; followed links stay under the source's base; an answer about
//! another patient is refused.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use lcr_fhir::{Item, Searchset, read};
use lcr_web::{Outbound, OutboundError};
use reqwest::Url;
use serde_json::Value;

use crate::domain::{
    answer::{Ended, TypeAnswer},
    kind::Kind,
};

/// The most pages of one search.
const PAGES: usize = 20;

/// Why a source gave nothing usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FhirError {
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection, or it broke off")]
    Broken,
    #[error("answered with status {0}")]
    Status(u16),
    #[error("a type the source says it does not offer")]
    NotOffered,
    #[error("larger than we take")]
    TooLarge,
    #[error("not a FHIR answer")]
    NotFhir,
    #[error("an answer about another patient")]
    OtherPatient,
    #[error("a link that leaves the source")]
    LinkElsewhere,
    #[error("an address we may not call")]
    Refused,
}

impl FhirError {
    /// Whether asking once more may help and is safe.
    pub fn worth_retrying(self) -> bool {
        matches!(self, Self::Broken | Self::Status(429 | 500 | 502..=504))
    }
}

impl From<OutboundError> for FhirError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::TimedOut => Self::TimedOut,
            OutboundError::TooLarge => Self::TooLarge,
            OutboundError::Refused => Self::Refused,
            OutboundError::Connect | OutboundError::Broken => Self::Broken,
        }
    }
}

/// `base` with a path below it.
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/'));
    url.set_path(&joined);
    url
}

/// A link of an answer, if it stays under `base`.
pub fn followed(base: &Url, link: &str) -> Result<Url, FhirError> {
    let with_slash = format!("{}/", base.as_str().trim_end_matches('/'));
    let root = Url::parse(&with_slash).map_err(|_| FhirError::LinkElsewhere)?;
    let url = root.join(link).map_err(|_| FhirError::LinkElsewhere)?;
    let inside =
        url.origin() == root.origin() && (url.path().starts_with(root.path()) || url.path() == base.path());
    if inside { Ok(url) } else { Err(FhirError::LinkElsewhere) }
}

pub async fn get(outbound: &Outbound, url: Url, left: Duration) -> Result<bytes::Bytes, FhirError> {
    let answer = outbound.send(Outbound::get(url, left)).await?;
    match answer.status {
        200 => Ok(answer.body),
        other => Err(FhirError::Status(other)),
    }
}

/// The types that the source says it offers for searching.
pub async fn offered(outbound: &Outbound, base: &Url, left: Duration) -> Result<BTreeSet<String>, FhirError> {
    let body = get(outbound, below(base, "metadata"), left).await?;
    let statement: Value = serde_json::from_slice(&body).map_err(|_| FhirError::NotFhir)?;
    if read::str_at(&statement, "resourceType") != Some("CapabilityStatement") {
        return Err(FhirError::NotFhir);
    }
    let types = read::list(&statement, "rest").iter().flat_map(|rest| read::list(rest, "resource"));
    Ok(types.filter_map(|one| read::text(one, "type")).collect())
}

/// All of one type about one patient. `at` is when it was asked.
pub async fn fetch(
    outbound: &Outbound,
    base: &Url,
    kind: Kind,
    local_id: &str,
    at: Timestamp,
    left: Duration,
) -> Result<TypeAnswer, FhirError> {
    let mut answer = TypeAnswer::empty(Ended::Answered { at });
    if kind == Kind::Patient {
        let body = get(outbound, below(base, &format!("Patient/{local_id}")), left).await?;
        let value: Value = serde_json::from_slice(&body).map_err(|_| FhirError::NotFhir)?;
        answer.items.push(Item::read(value).map_err(|_| FhirError::NotFhir)?);
        return about(answer, local_id);
    }
    let mut url = below(base, kind.fhir());
    url.query_pairs_mut().append_pair("patient", local_id).append_pair("_count", "200");
    for _ in 0..PAGES {
        let body = get(outbound, url, left).await?;
        let page = Searchset::read(&body, kind.fhir()).map_err(|_| FhirError::NotFhir)?;
        answer.items.extend(page.items);
        answer.not_readable += u32::try_from(page.not_readable.len()).unwrap_or(u32::MAX);
        answer.warnings.extend(page.warnings);
        match page.next {
            Some(next) => url = followed(base, &next)?,
            None => return about(answer, local_id),
        }
    }
    Err(FhirError::TooLarge)
}

/// Refuses the whole answer when any of it is about somebody else.
fn about(answer: TypeAnswer, local_id: &str) -> Result<TypeAnswer, FhirError> {
    if answer.items.iter().all(|item| item.is_about(local_id)) {
        Ok(answer)
    } else {
        Err(FhirError::OtherPatient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_not_leave_the_source() {
        let base = Url::parse("https://fhir.example.org/R4").unwrap();
        assert!(followed(&base, "https://fhir.example.org/R4/Condition?page=2").is_ok());
        assert!(followed(&base, "Condition?page=2").is_ok());
        for away in [
            "https://evil.example/R4/x",
            "http://fhir.example.org/R4/x",
            "/other",
            "../admin",
            "//evil.example/R4",
        ] {
            assert!(followed(&base, away).is_err(), "{away}");
        }
    }
}
