//! Evidence that an organisation cares for the person, as its system sends it: an episode, an appointment or a referral. It
//! must name the organisation by its code.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{ODS, coded};
use crate::care::{CareGroup, LinkKind};

/// The code system of the kinds of care link.
const CARE_LINK: &str = "https://fhir.leedscarerecord.uk/CodeSystem/care-link";

impl Chart<'_> {
    /// The evidence of one group, with its start, its end if it has one, and the time of its last change.
    pub(crate) fn care_link(
        &self,
        group: &CareGroup,
        (from, until): (Timestamp, Option<Timestamp>),
        changed: Timestamp,
    ) -> Value {
        let (kind, mut body) = match group.kind.episode() {
            Some(kind) => ("EpisodeOfCare", self.episode(group, kind, from, until)),
            None if group.kind == LinkKind::Appointment => ("Appointment", self.clinic_appointment(group, from, until)),
            None => ("ServiceRequest", self.referral_to(group, from, until)),
        };
        let code = group.kind.episode().map_or(kind, |(code, _)| code);
        let id = self.id("care", &format!("{code}-{}", group.organisation));
        body["resourceType"] = Value::from(kind);
        body["meta"] = json!({"lastUpdated": changed.to_string()});
        body["identifier"] =
            json!([{"system": format!("https://{}.city.example/Id/care", self.source.id()), "value": id}]);
        body["id"] = Value::from(id);
        body
    }

    fn episode(
        &self,
        group: &CareGroup,
        (code, words): (&str, &str),
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> Value {
        let mut body = json!({
            "status": if until.is_some() { "finished" } else { "active" },
            "type": [coded(CARE_LINK, code, words)],
            "patient": self.subject(),
            "managingOrganization": organisation(group, "Organization"),
            "period": {"start": from.to_string()},
        });
        if let Some(until) = until {
            body["period"]["end"] = Value::from(until.to_string());
        }
        if !group.team.is_empty() {
            body["team"] = json!([{"type": "CareTeam", "display": group.team}]);
        }
        body
    }

    fn clinic_appointment(&self, group: &CareGroup, start: Timestamp, cancelled: Option<Timestamp>) -> Value {
        let end = start.checked_add(20.minutes()).unwrap_or(start);
        json!({
            "status": if cancelled.is_some() { "cancelled" } else { "booked" },
            "serviceType": [{"text": group.team}],
            "description": format!("{} appointment", group.team),
            "start": start.to_string(),
            "end": end.to_string(),
            "participant": [
                {"actor": self.subject(), "status": "accepted"},
                {"actor": organisation(group, "HealthcareService"), "status": "accepted"},
            ],
        })
    }

    fn referral_to(&self, group: &CareGroup, from: Timestamp, ended: Option<Timestamp>) -> Value {
        json!({
            "status": if ended.is_some() { "revoked" } else { "active" },
            "intent": "order",
            "code": {"text": format!("Referral to {}", group.team.to_lowercase())},
            "subject": self.subject(),
            "authoredOn": from.to_string(),
            "requester": self.organisation(),
            "performer": [organisation(group, "Organization")],
        })
    }
}

fn organisation(group: &CareGroup, kind: &str) -> Value {
    json!({"type": kind, "identifier": {"system": ODS, "value": group.organisation}})
}
