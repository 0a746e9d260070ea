//! The parts of `EpisodeOfCare`, `CareTeam` and `Group` that say who cares for whom. A malformed part must be refused, never
//! read as absent.

mod parts;

use jiff::Timestamp;
use lcr_fhir::read;
use lcr_hl7::{Condition, Fault};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::parse_instant;
pub use parts::{Concept, Identifier, Period, Reference};

/// The most people on one list.
pub const MAX_MEMBERS: usize = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EpisodeOfCare {
    pub status: String,
    #[serde(default, rename = "type")]
    pub kinds: Vec<Concept>,
    pub patient: Option<Reference>,
    pub managing_organization: Option<Reference>,
    #[serde(default)]
    pub team: Vec<Reference>,
    pub period: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CareTeam {
    pub status: Option<String>,
    #[serde(default)]
    pub category: Vec<Concept>,
    pub name: Option<String>,
    pub subject: Option<Reference>,
    #[serde(default)]
    pub managing_organization: Vec<Reference>,
    pub period: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub active: Option<bool>,
    pub code: Option<Concept>,
    pub name: Option<String>,
    pub managing_entity: Option<Reference>,
    #[serde(default)]
    pub member: Vec<Member>,
}

#[derive(Deserialize)]
pub struct Member {
    pub entity: Reference,
    pub period: Option<Period>,
    pub inactive: Option<bool>,
}

/// What a resource says.
pub enum Content {
    Episode(EpisodeOfCare),
    Team(CareTeam),
    List(Group),
}

/// A resource that is only evidence.
pub struct LinkResource {
    pub resource_type: &'static str,
    /// `Type/`, or `Type|` if the number is an identifier.
    pub prefix: String,
    pub number: String,
    /// Whether the sender can name the resource again: by its id, or by an identifier.
    pub has_own_key: bool,
    pub updated: Option<Timestamp>,
    pub contained: Vec<Value>,
    pub has_unknown_modifier: bool,
    pub content: Content,
}

/// The type's own name, if it is only evidence.
pub fn known_type(kind: &str) -> Option<&'static str> {
    ["EpisodeOfCare", "CareTeam", "Group"].into_iter().find(|known| *known == kind)
}

/// Whether a Group names people one by one. Others (animals, devices, criteria) are about nobody.
pub fn is_of_people(group: &Value) -> bool {
    read::str_at(group, "type") == Some("person") && read::at(group, "actual") != Some(&Value::Bool(false))
}

impl LinkResource {
    /// Reads the resource at this position of the Bundle. `is_own` says whether the sender uses the id in later Bundles.
    pub fn read(
        resource: &Value,
        resource_type: &'static str,
        (id, is_own): (String, bool),
        position: usize,
    ) -> Result<Self, Fault> {
        let fault = |condition, words: &str| Fault::in_segment(condition, resource_type, position, words);
        if read::list(resource, "member").len() > MAX_MEMBERS {
            return Err(fault(Condition::SegmentSequence, "a Group names more than 100,000 members"));
        }
        let content = match resource_type {
            "EpisodeOfCare" => parsed(resource).map(Content::Episode),
            "CareTeam" => parsed(resource).map(Content::Team),
            _ => parsed(resource).map(Content::List),
        };
        let identifier = first_identifier(resource);
        let has_own_key = is_own || identifier.is_some();
        let (prefix, number) = match identifier.filter(|_| !is_own) {
            Some(number) => (format!("{resource_type}|"), number),
            None => (format!("{resource_type}/"), id),
        };
        Ok(Self {
            resource_type,
            prefix,
            number,
            has_own_key,
            updated: parse_instant(read::str_at(resource, "meta.lastUpdated")),
            contained: read::list(resource, "contained").to_vec(),
            has_unknown_modifier: lcr_fhir::has_unknown_modifier(resource),
            content: content.ok_or_else(|| fault(Condition::DataType, "the resource is not valid FHIR R4"))?,
        })
    }

    /// Everybody that the resource names.
    pub fn people(&self) -> impl Iterator<Item = &Reference> {
        let members = if let Content::List(group) = &self.content { &group.member[..] } else { &[] };
        self.subject().into_iter().chain(members.iter().map(|member| &member.entity))
    }

    /// The person that the resource is about. `None` for a list, and for a team of nobody.
    pub fn subject(&self) -> Option<&Reference> {
        match &self.content {
            Content::Episode(episode) => episode.patient.as_ref(),
            Content::Team(team) => team.subject.as_ref(),
            Content::List(_) => None,
        }
    }
}

fn parsed<T: DeserializeOwned>(resource: &Value) -> Option<T> {
    T::deserialize(resource).ok()
}

fn first_identifier(resource: &Value) -> Option<String> {
    let identifier = read::list(resource, "identifier").first()?;
    let number = read::text(identifier, "value")?;
    Some(read::str_at(identifier, "system").map_or(number.clone(), |system| format!("{system}|{number}")))
}
