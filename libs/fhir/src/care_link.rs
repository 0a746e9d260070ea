//! What an `EpisodeOfCare` says about who cares for the person. It must never judge whether the organisation may have the
//! record, and an episode that cannot be read must never count as open.

use jiff::Timestamp;
use lcr_model::{CareLinkKind, OdsCode};
use serde_json::Value;
use thiserror::Error;

use crate::{
    display, has_unknown_modifier,
    period::{self, UnreadablePeriod},
    read,
};

/// The code system that says which kind of evidence an episode, a team or a list is.
pub const KINDS: &str = "https://fhir.leedscarerecord.uk/CodeSystem/care-link";
/// The system of ODS codes, without its scheme and in lower case.
const ODS: &str = "fhir.nhs.uk/id/ods-organization-code";
/// The longest code of a kind, in characters.
const MAX_CODE_CHARS: usize = 64;
/// The longest team name, in characters.
const MAX_TEAM_CHARS: usize = 200;

/// The evidence in an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    pub kind: CareLinkKind,
    /// `None` if the episode itself does not give the code of the organisation.
    pub organisation: Option<OdsCode>,
    pub team: Option<String>,
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    /// False if it was cancelled, entered in error, only planned or waiting to start, or has a modifier that we do not know.
    pub stands: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EpisodeError {
    #[error("the status is unknown")]
    Status,
    #[error(transparent)]
    Period(#[from] UnreadablePeriod),
}

/// Reads an episode that its source last changed at `changed`. A finished episode has ended by then.
pub fn read_episode(episode: &Value, changed: Timestamp) -> Result<Episode, EpisodeError> {
    let status = read::str_at(episode, "status").unwrap_or_default();
    let is_on = match status {
        "active" | "onhold" | "finished" => true,
        // Care has not begun for somebody who waits for it. A referral counts meanwhile, for a limited time.
        "planned" | "waitlist" | "cancelled" | "entered-in-error" => false,
        _ => return Err(EpisodeError::Status),
    };
    let stands = is_on && !has_unknown_modifier(episode);
    // An episode that does not stand ends its link, whatever its period says.
    let (from, end) = if stands { period::bounds(read::at(episode, "period"))? } else { (None, None) };
    let until = if status == "finished" { Some(end.map_or(changed, |end| end.min(changed))) } else { end };
    Ok(Episode {
        kind: kind(read::list(episode, "type")).unwrap_or(CareLinkKind::Caseload),
        organisation: read::at(episode, "managingOrganization").and_then(|one| ods_code(episode, one)),
        team: read::list(episode, "team").first().and_then(|team| team_name(episode, team)),
        from,
        until,
        stands,
    })
}

/// The kind that a coding of our system says. A code of a later version stays as sent. A referral, an appointment and a
/// discharge may name any organisation, so only their own resources may say that they are one.
pub fn kind(concepts: &[Value]) -> Option<CareLinkKind> {
    let mut codings = concepts.iter().flat_map(|concept| read::list(concept, "coding"));
    let ours = codings.find(|coding| read::str_at(coding, "system") == Some(KINDS))?;
    Some(kind_of_code(read::str_at(ours, "code").unwrap_or_default()))
}

/// The kind that a code of our system says, under the rules of [`kind`].
pub fn kind_of_code(code: &str) -> CareLinkKind {
    let code: String = code.chars().take(MAX_CODE_CHARS).collect();
    match CareLinkKind::from(code) {
        CareLinkKind::Referral | CareLinkKind::Appointment | CareLinkKind::DischargedTo => {
            CareLinkKind::from("unknown")
        }
        kind => kind,
    }
}

/// The name of a team, as long as we show it. `None` for an empty one.
pub fn short_team_name(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(MAX_TEAM_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

fn team_name(episode: &Value, team: &Value) -> Option<String> {
    let contained = || display::resource_name(contained(episode, team)?);
    short_team_name(&read::text(team, "display").or_else(contained)?)
}

/// The ODS code of the organisation that a reference names itself, or that is contained in the episode.
fn ods_code(episode: &Value, reference: &Value) -> Option<OdsCode> {
    let named = read::at(reference, "identifier").and_then(code_of);
    let of_contained = || {
        let organisation = contained(episode, reference)?;
        let is_organisation = read::str_at(organisation, "resourceType") == Some("Organization");
        read::list(organisation, "identifier").iter().filter(|_| is_organisation).find_map(code_of)
    };
    named.or_else(of_contained)
}

fn code_of(identifier: &Value) -> Option<OdsCode> {
    let system = read::str_at(identifier, "system")?.trim().trim_end_matches('/').to_ascii_lowercase();
    let is_ods = ["https://", "http://"].iter().any(|scheme| system.strip_prefix(scheme) == Some(ODS));
    OdsCode::parse(read::str_at(identifier, "value")?.trim()).filter(|_| is_ods)
}

fn contained<'v>(episode: &'v Value, reference: &Value) -> Option<&'v Value> {
    display::find_contained(episode, read::str_at(reference, "reference")?)
}

#[cfg(test)]
#[path = "care_link_tests.rs"]
mod tests;
