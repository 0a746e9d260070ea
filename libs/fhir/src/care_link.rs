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
mod tests {
    use serde_json::json;

    use super::*;

    const CHANGED: &str = "2026-11-20T12:00:00Z";

    #[expect(clippy::unnecessary_wraps, reason = "ends of a period are optional")]
    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    fn read_with(more: Value) -> Result<Episode, EpisodeError> {
        let mut episode = json!({ "resourceType": "EpisodeOfCare", "id": "e1", "status": "active" });
        let Value::Object(more) = more else { panic!("an object") };
        episode.as_object_mut().unwrap().extend(more);
        read_episode(&episode, CHANGED.parse().unwrap())
    }

    #[test]
    fn an_episode_names_kind_organisation_team_and_period() {
        let organisation = |system: &str| json!({ "identifier": { "system": system, "value": "z9c01" } });
        let episode = json!({
            "type": [{ "coding": [{ "system": "urn:own", "code": "x" }, { "system": KINDS, "code": "resident" }] }],
            "managingOrganization": organisation("https://fhir.nhs.uk/Id/ods-organization-code"),
            "team": [{ "display": " District nursing " }],
            "period": { "start": "2026-11-01", "end": "2026-11-30" },
        });
        let read = read_with(episode).unwrap();
        assert_eq!((read.kind, read.organisation), (CareLinkKind::Resident, OdsCode::parse("Z9C01")));
        assert_eq!(read.team.as_deref(), Some("District nursing"));
        assert_eq!((read.from, read.until), (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")));
        let other = read_with(json!({ "managingOrganization": organisation("urn:own") })).unwrap();
        assert_eq!((other.kind, other.organisation), (CareLinkKind::Caseload, None));
        let contained = json!({ "contained": [{ "resourceType": "Organization", "id": "o",
            "identifier": [{ "system": "http://fhir.nhs.uk/Id/ods-organization-code", "value": "Z9T01" }] }],
            "managingOrganization": { "reference": "#o" } });
        assert_eq!(read_with(contained).unwrap().organisation, OdsCode::parse("Z9T01"));
    }

    #[test]
    fn a_finished_episode_ends_when_it_was_changed_at_the_latest() {
        let finished = |period: Value| read_with(json!({ "status": "finished", "period": period })).unwrap().until;
        assert_eq!(finished(json!({})), at(CHANGED));
        assert_eq!(finished(json!({ "end": "2026-12-24T00:00:00Z" })), at(CHANGED));
        assert_eq!(finished(json!({ "end": "2026-11-01T00:00:00Z" })), at("2026-11-01T00:00:00Z"));
    }

    #[test]
    fn an_episode_that_is_off_or_may_mean_something_else_does_not_stand() {
        for status in ["planned", "waitlist", "cancelled", "entered-in-error"] {
            for period in [json!({}), json!({ "end": "soon" })] {
                assert!(!read_with(json!({ "status": status, "period": period })).unwrap().stands, "{status} {period}");
            }
        }
        assert!(!read_with(json!({ "modifierExtension": [{ "url": "urn:not" }] })).unwrap().stands);
        assert!(read_with(json!({ "status": "onhold" })).unwrap().stands);
        assert_eq!(read_with(json!({ "status": "closed" })), Err(EpisodeError::Status));
        let unreadable = read_with(json!({ "period": { "end": "soon" } }));
        assert_eq!(unreadable, Err(EpisodeError::Period(UnreadablePeriod)));
    }

    #[test]
    fn an_episode_cannot_say_that_it_is_a_referral() {
        let kind_of = |code: &str| kind(&[json!({ "coding": [{ "system": KINDS, "code": code }] })]);
        assert_eq!(kind_of("referral"), Some(CareLinkKind::from("unknown")));
        assert_eq!(kind_of("discharged-to"), Some(CareLinkKind::from("unknown")));
        assert_eq!(kind_of("of-a-later-version"), Some(CareLinkKind::from("of-a-later-version")));
        assert_eq!(kind_of("urgent-case"), Some(CareLinkKind::UrgentCase));
    }
}
