//! An Encounter as the source sends it. It must agree with the messages about the same visit.

use serde_json::{Value, json};

use super::{
    super::{
        Chart,
        fhir::{at, concept, hl7, hl7_coding},
    },
    Visit,
};
use crate::hospital::Consultant;

impl Chart<'_> {
    pub(super) fn encounter(&self, visit: &Visit) -> Value {
        let words = match visit.class {
            "IMP" => "inpatient encounter",
            "EMER" => "emergency",
            "HH" => "home health",
            _ => "ambulatory",
        };
        let status = if visit.end.is_some() { "finished" } else { "in-progress" };
        let period = Self::period(visit);
        let mut body = json!({
            "identifier": [{"system": format!("https://{}.city.example/Id/visit", self.source.id()), "value": self.visit_number(visit)}],
            "status": status,
            "class": hl7_coding("v3-ActCode", visit.class, words),
            "serviceType": {"text": visit.specialty},
            "subject": self.subject(),
            "participant": [self.seen_by(visit)],
            "period": period,
            "reasonCode": [concept(visit.reason)],
            "serviceProvider": self.organisation(),
        });
        if let Some(place) = visit.place_words() {
            let state = if visit.end.is_some() { "completed" } else { "active" };
            body["location"] = json!([{
                "location": {"type": "Location", "display": place},
                "status": state, "period": body["period"].clone(),
            }]);
        }
        let changed = visit.end.unwrap_or(visit.start);
        let mut encounter = self.resource("Encounter", self.visit_id(visit), changed, body);
        if let Some(stay) = &visit.stay {
            let last = [stay.left, Some(stay.admitted), stay.attended].into_iter().flatten();
            let last = last.filter(|at| *at <= self.world.now).max().unwrap_or(self.world.now);
            encounter["meta"]["lastUpdated"] = Value::from(last.to_string());
        }
        encounter
    }

    /// The visit number of the messages, or the encounter id of an older visit.
    fn visit_number(&self, visit: &Visit) -> String {
        visit.stay.as_ref().map_or_else(|| self.visit_id(visit), |stay| stay.visit.clone())
    }

    fn period(visit: &Visit) -> Value {
        let (start, end) = match &visit.stay {
            Some(stay) => (stay.began().to_string(), stay.left.map(|left| left.to_string())),
            None => (at(visit.start, 9), visit.end.map(|end| at(end, if end == visit.start { 10 } else { 15 }))),
        };
        let mut period = json!({"start": start});
        if let Some(end) = end.filter(|_| visit.end.is_some()) {
            period["end"] = Value::from(end);
        }
        period
    }

    fn seen_by(&self, visit: &Visit) -> Value {
        let Some(stay) = &visit.stay else {
            let mut rng = self.rng(&format!("seen by {}", visit.number));
            return json!({"individual": Self::clinician(&mut rng)});
        };
        let Consultant { title, given, family, .. } = stay.consultant;
        json!({
            "type": [hl7("v3-ParticipationType", "ATND")],
            "individual": {"type": "Practitioner", "display": format!("{title} {given} {family}")},
        })
    }
}
