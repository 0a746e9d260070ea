//! Evidence that an organisation cares for the person, as an episode that its system sends or gives. It must name the
//! organisation by its code.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{ODS, coded};
use crate::care::CareGroup;

/// The code system of the kinds of care link.
const CARE_LINK: &str = "https://fhir.leedscarerecord.uk/CodeSystem/care-link";

impl Chart<'_> {
    /// The evidence of one group, with its start, its end if it has one, and the time of its last change. None for appointments
    /// and referrals, which are sent as HL7 v2.
    pub(crate) fn care_link(
        &self,
        group: &CareGroup,
        (from, until): (Timestamp, Option<Timestamp>),
        changed: Timestamp,
    ) -> Option<Value> {
        let kind = group.kind.episode()?;
        let mut body = self.episode(group, kind, from, until);
        let code = kind.0;
        let id = self.id("care", &format!("{code}-{}", group.organisation));
        body["resourceType"] = Value::from("EpisodeOfCare");
        body["meta"] = json!({"lastUpdated": changed.to_string()});
        body["identifier"] =
            json!([{"system": format!("https://{}.city.example/Id/care", self.source.id()), "value": id}]);
        body["id"] = Value::from(id);
        Some(body)
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
            "managingOrganization": organisation(group),
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
}

fn organisation(group: &CareGroup) -> Value {
    json!({"type": "Organization", "identifier": {"system": ODS, "value": group.organisation}})
}
