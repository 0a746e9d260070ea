//! Maps referrals, appointments, episodes, teams and lists of a Bundle to evidence that an organisation cares for a person.
//! A resource that was cancelled, entered in error or has an unknown modifier must never stand.

mod item_links;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::events::CareLink;
use lcr_fhir::{
    care_link::{self, short_team_name},
    display,
};
use lcr_hl7::{Condition, Fault};
use lcr_model::{CareLinkKind, OdsCode, SourceIdentity};
use serde_json::Value;

use super::{
    Bundle, BundleArrival,
    item_keys::ResourceNumbers,
    link_resources::{CareTeam, Concept, Content, EpisodeOfCare, Group, LinkResource, Member, Reference},
    periods::period,
    subjects::{Subject, Subjects},
};
use crate::domain::{CareLinkUpdate, CareList, MappedEvent, MappingError, care_links};

struct LinkReader<'a> {
    arrival: &'a BundleArrival<'a>,
    bundle: &'a Bundle,
    subjects: &'a Subjects,
}

pub fn read(
    arrival: &BundleArrival<'_>,
    bundle: &Bundle,
    subjects: &Subjects,
) -> Result<Vec<MappedEvent>, MappingError> {
    let reader = LinkReader { arrival, bundle, subjects };
    let numbers = ResourceNumbers::of(bundle);
    let mut mapped = vec![];
    for one in bundle.resources_of("ServiceRequest") {
        mapped.push(reader.of_request(one, &numbers.keys(bundle, one).key)?);
    }
    for one in bundle.resources_of("Appointment") {
        mapped.push(reader.of_appointment(one, &numbers.keys(bundle, one).key)?);
    }
    for one in &bundle.links {
        let sent = reader.sent(one.updated);
        match &one.content {
            Content::Episode(episode) => mapped.push(reader.of_episode(one, episode, sent)?),
            // A team of nobody only gives its name to episodes.
            Content::Team(team) if team.subject.is_some() => mapped.push(reader.of_team(one, team, sent)?),
            Content::Team(_) => {}
            Content::List(group) => mapped.push(MappedEvent::CareList(reader.of_list(one, group, sent)?)),
        }
    }
    Ok(mapped)
}

impl LinkReader<'_> {
    /// When the source last changed a resource, else when it made the Bundle; at most its time of arrival.
    fn sent(&self, updated: Option<Timestamp>) -> Timestamp {
        let sent = updated.or(self.bundle.made_at).unwrap_or(self.arrival.received);
        sent.min(self.arrival.received)
    }

    fn key(&self, prefix: &str, number: &str) -> String {
        care_links::key(self.arrival.local_id_key, &self.arrival.system.id, prefix, number)
    }

    /// The first organisation with an ODS code.
    fn named_organisation<'r>(
        &self,
        contained: &[Value],
        named: impl IntoIterator<Item = &'r Reference>,
    ) -> Option<OdsCode> {
        named.into_iter().find_map(|one| self.bundle.references.ods_code(contained, one))
    }

    /// The first organisation with an ODS code, else the source's own.
    fn organisation<'r>(&self, contained: &[Value], named: impl IntoIterator<Item = &'r Reference>) -> OdsCode {
        self.named_organisation(contained, named).unwrap_or_else(|| self.arrival.system.organisation.clone())
    }

    fn of_episode(
        &self,
        one: &LinkResource,
        episode: &EpisodeOfCare,
        sent: Timestamp,
    ) -> Result<MappedEvent, MappingError> {
        let status = episode.status.as_str();
        let stands = match status {
            "active" | "onhold" | "finished" => true,
            "planned" | "waitlist" | "cancelled" | "entered-in-error" => false,
            _ => return Err(unknown_status("EpisodeOfCare")),
        };
        // An episode that does not stand ends its link, whatever its period says.
        let (from, end) = if stands { period(episode.period.as_ref(), "EpisodeOfCare")? } else { (None, None) };
        let link = CareLink {
            kind: kind(&episode.kinds).unwrap_or(CareLinkKind::Caseload),
            organisation: self.organisation(&one.contained, &episode.managing_organization),
            team: episode.team.first().and_then(|team| self.team_name(&one.contained, team)),
            from,
            until: if status == "finished" { Some(end.map_or(sent, |end| end.min(sent))) } else { end },
            stands,
        };
        self.update(one, link, sent)
    }

    fn of_team(&self, one: &LinkResource, team: &CareTeam, sent: Timestamp) -> Result<MappedEvent, MappingError> {
        let status = team.status.as_deref().unwrap_or("active");
        let stands = match status {
            "active" | "inactive" => true,
            "proposed" | "suspended" | "entered-in-error" => false,
            _ => return Err(unknown_status("CareTeam")),
        };
        let (from, end) = if stands { period(team.period.as_ref(), "CareTeam")? } else { (None, None) };
        let link = CareLink {
            kind: kind(&team.category).unwrap_or(CareLinkKind::Caseload),
            organisation: self.organisation(&one.contained, &team.managing_organization),
            team: team.name.as_deref().and_then(short_team_name),
            from,
            until: if status == "inactive" { Some(end.map_or(sent, |end| end.min(sent))) } else { end },
            stands,
        };
        self.update(one, link, sent)
    }

    fn of_list(&self, one: &LinkResource, group: &Group, sent: Timestamp) -> Result<CareList, MappingError> {
        let mut list = CareList {
            source: self.arrival.system.id.clone(),
            key: self.key(&one.prefix, &one.number),
            kind: group.code.as_ref().and_then(|code| kind([code])).unwrap_or(CareLinkKind::MeetingList),
            organisation: self.organisation(&one.contained, &group.managing_entity),
            members: BTreeMap::new(),
            sent,
        };
        let team = group.name.as_deref().and_then(short_team_name);
        for member in &group.member {
            let Some(person) = self.member(member)? else { continue };
            let (from, until) = period(member.period.as_ref(), "Group")?;
            let link = CareLink {
                kind: list.kind.clone(),
                organisation: list.organisation.clone(),
                team: team.clone(),
                from,
                until,
                stands: group.active != Some(false) && member.inactive != Some(true),
            };
            list.add(person.local_id, link);
        }
        Ok(list)
    }

    /// The person that a member is. `None` for a practitioner, a device or another list.
    fn member(&self, member: &Member) -> Result<Option<SourceIdentity>, Fault> {
        match self.subjects.find(self.arrival, &member.entity) {
            Subject::Person(identity) => Ok(Some(identity)),
            Subject::NotAPerson => Ok(None),
            Subject::Unreadable => {
                let words = "a member of the Group does not say which patient it is";
                Err(Fault::in_segment(Condition::RequiredField, "Group", 1, words))
            }
        }
    }

    fn update(&self, one: &LinkResource, link: CareLink, sent: Timestamp) -> Result<MappedEvent, MappingError> {
        let identity = self.subjects.of_resource(self.arrival, one.resource_type, one.subject())?;
        let key = self.key(&one.prefix, &one.number);
        Ok(MappedEvent::CareLink(CareLinkUpdate { identity, key, link, sent }))
    }

    /// The team's name: as written beside the reference, else the name of the team in the Bundle.
    fn team_name(&self, contained: &[Value], team: &Reference) -> Option<String> {
        let named = || display::resource_name(self.bundle.references.resolve(contained, team)?);
        short_team_name(&team.display.clone().or_else(named)?)
    }
}

fn unknown_status(kind: &str) -> MappingError {
    MappingError::waiting(format!("the status of the {kind} is unknown"), kind)
}

/// The kind that a coding of our system says, as for an episode that is read from its source.
fn kind<'c>(concepts: impl IntoIterator<Item = &'c Concept>) -> Option<CareLinkKind> {
    let mut codings = concepts.into_iter().flat_map(|concept| &concept.coding);
    let ours = codings.find(|coding| coding.system.as_deref() == Some(care_link::KINDS))?;
    Some(care_link::kind_of_code(ours.code.as_deref().unwrap_or_default()))
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
