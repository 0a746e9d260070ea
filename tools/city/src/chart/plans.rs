//! Care plans: nursing and mental health, social care, end of life. Each must have its category, because FHIR has one
//! resource type for all of them.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Chart;
use super::fhir::{OWN, coded};
use crate::plan::Source;
use crate::world::CastRole;

impl Chart<'_> {
    pub(super) fn plans(&self) -> Vec<Value> {
        let mut found = Vec::new();
        let day = self.world.days_ago(self.rng("plan").days(10, 300)).max(self.person.birth);
        if self.has_dataset("care-plans") && self.has_care_plan() {
            let activities = match self.source {
                Source::MentalHealth => &["Care co-ordinator visit, every two weeks", "Crisis plan agreed"][..],
                Source::Community => &["Wound dressing, twice a week", "Pressure area check, weekly"],
                _ => &["Annual review", "Personalised care and support plan agreed"],
            };
            found.push(self.plan("care", ("care-plan", "Care plan"), day, activities));
        }
        if self.has_dataset("social-care") {
            let activities = match self.source {
                Source::ChildrensSocialCare => &["Key worker visit, every week", "Child in need review, monthly"][..],
                _ if self.cast_role() == Some(CastRole::Osei) => {
                    &["Package of care, four calls a day: waiting for a provider", "Key worker: duty team"]
                }
                _ => &["Home care: mornings, 30 minutes", "Home care: evenings, 30 minutes", "Key worker: duty team"],
            };
            found.push(self.plan("social", ("social-care", "Social care package"), day, activities));
        }
        if self.has_escalation_plan() {
            let activities = &["Hospital admission for reversible causes", "CPR not recommended"];
            found.push(self.plan("respect", ("end-of-life", "ReSPECT plan"), self.plan_day(), activities));
        }
        found
    }

    /// Whether there is a care plan. Practices have one for people with three or more disorders, teams for everybody.
    fn has_care_plan(&self) -> bool {
        !self.source.is_gp() || self.problems().len() >= 3
    }

    pub(super) fn plan_day(&self) -> Date {
        let days = self.world.rng(self.person.index, "escalation").days(30, 290);
        self.world.days_ago(days)
    }

    /// Whether the community team has a `ReSPECT` plan for the person.
    pub(super) fn has_escalation_plan(&self) -> bool {
        if self.source != Source::Community || !self.has_dataset("end-of-life") {
            return false;
        }
        let named = matches!(self.cast_role(), Some(CastRole::Fredrica | CastRole::Osei | CastRole::Deceased));
        named || (self.person.age >= 85 && self.rng("escalates").chance(300))
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
            "author": Self::clinician(&mut self.rng(key)),
            "activity": activity,
        });
        self.resource("CarePlan", self.id("plan", key), day, body)
    }
}
