//! Care plans: nursing and mental-health plans, packages of social care, plans for the end of life. The
//! category tells them apart, since FHIR has one resource for all of them.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{OWN, coded};
use crate::plan::Source;
use crate::world::Part;

impl Chart<'_> {
    pub(super) fn plans(&self) -> Vec<Value> {
        let mut found = Vec::new();
        let day = self.world.days_ago(self.dice("plan").days(10, 300)).max(self.person.birth);
        if self.holds("care-plans") && self.has_care_plan() {
            let activities = match self.source {
                Source::MentalHealth => {
                    &["Care co-ordinator visit, every two weeks", "Crisis plan agreed"][..]
                }
                Source::Community => &["Wound dressing, twice a week", "Pressure area check, weekly"],
                _ => &["Annual review", "Personalised care and support plan agreed"],
            };
            found.push(self.plan("care", ("care-plan", "Care plan"), day, activities));
        }
        if self.holds("social-care") {
            let activities = match self.source {
                Source::ChildrensSocialCare => {
                    &["Key worker visit, every week", "Child in need review, monthly"][..]
                }
                _ if self.part() == Some(Part::Osei) => {
                    &["Package of care, four calls a day: waiting for a provider", "Key worker: duty team"]
                }
                _ => &[
                    "Home care: mornings, 30 minutes",
                    "Home care: evenings, 30 minutes",
                    "Key worker: duty team",
                ],
            };
            found.push(self.plan("social", ("social-care", "Social care package"), day, activities));
        }
        if self.has_escalation_plan() {
            let activities = &["Hospital admission for reversible causes", "CPR not recommended"];
            found.push(self.plan("respect", ("end-of-life", "ReSPECT plan"), self.plan_day(), activities));
        }
        found
    }

    /// Practices plan with those who have several disorders; teams with everybody on their list.
    fn has_care_plan(&self) -> bool {
        !self.source.is_gp() || self.problems().len() >= 3
    }

    pub(super) fn plan_day(&self) -> Date {
        let days = self.world.dice(self.person.index, "escalation").days(30, 290);
        self.world.days_ago(days)
    }

    /// Kept by the community team; some of the very old and ill have one.
    pub(super) fn has_escalation_plan(&self) -> bool {
        if self.source != Source::Community || !self.holds("end-of-life") {
            return false;
        }
        let named = matches!(self.part(), Some(Part::Fredrica | Part::Osei | Part::Deceased));
        named || (self.person.age >= 85 && self.dice("escalates").chance(300))
    }

    fn plan(&self, key: &str, category: (&str, &str), day: Date, activities: &[&str]) -> Value {
        let (code, title) = category;
        let activity: Vec<Value> = activities
            .iter()
            .map(|words| json!({"detail": {"status": "in-progress", "code": {"text": words}, "description": words}}))
            .collect();
        let body = json!({
            "status": if self.person.died.is_some() { "completed" } else { "active" },
            "intent": "plan",
            "category": [coded(OWN, code, title)],
            "title": title,
            "description": format!("{title}, agreed with the person"),
            "subject": self.subject(),
            "period": {"start": day.to_string()},
            "created": day.to_string(),
            "author": Self::clinician(&mut self.dice(key)),
            "activity": activity,
        });
        self.resource("CarePlan", self.id("plan", key), day, body)
    }
}
