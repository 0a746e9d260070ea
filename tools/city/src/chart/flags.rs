//! Flags: clinical and safety alerts, and safeguarding, which is a separate dataset.

use serde_json::{Value, json};

use super::Chart;
use super::fhir::{OWN, coded, hl7_coding};
use crate::plan::Source;
use crate::world::CastRole;

impl Chart<'_> {
    pub(super) fn flags(&self) -> Vec<Value> {
        let mut found = Vec::new();
        if self.has_dataset("alerts") {
            found.extend(self.alert());
        }
        if self.has_dataset("safeguarding") && self.is_safeguarded() {
            let words = if self.person.age < 18 { "Child protection plan" } else { "Safeguarding adult enquiry open" };
            found.push(self.flag("safeguarding", &coded(OWN, "safeguarding", "Safeguarding"), words));
        }
        found
    }

    fn alert(&self) -> Option<Value> {
        let mut rng = self.rng("alert");
        let taking =
            |key: &str| self.problems().iter().any(|one| !one.resolved && one.disorder.medicines.contains(&key));
        let (category, words) = match self.source {
            source if source.is_gp() && (taking("apixaban") || taking("warfarin")) => {
                ("clinical", "Takes an anticoagulant")
            }
            Source::StHildas | Source::WharfeValley if self.person.age >= 75 => ("safety", "Risk of falls"),
            Source::Community | Source::AdultSocialCare if rng.chance(150) => ("safety", "Visit in pairs"),
            _ if rng.chance(30) => ("clinical", "Hearing impairment: speak face to face"),
            _ => return None,
        };
        let concept = json!({"coding": [hl7_coding("flag-category", category, category)], "text": category});
        Some(self.flag("alert", &concept, words))
    }

    fn is_safeguarded(&self) -> bool {
        match self.cast_role() {
            Some(CastRole::Child) => self.source.is_gp() || self.source == Source::ChildrensSocialCare,
            Some(_) => false,
            None => {
                self.is_on_childrens_caseload()
                    || (self.source.is_social_care() && self.rng("safeguarding").chance(100))
            }
        }
    }

    fn is_on_childrens_caseload(&self) -> bool {
        self.source == Source::ChildrensSocialCare && self.world.roster.has(self.source, self.person.index)
    }

    fn flag(&self, key: &str, category: &Value, words: &str) -> Value {
        let since = self.world.days_ago(self.rng(key).days(10, 300)).max(self.person.birth);
        let body = json!({
            "status": "active",
            "category": [category],
            "code": {"text": words},
            "subject": self.subject(),
            "period": {"start": since.to_string()},
            "author": self.organisation(),
        });
        self.resource("Flag", self.id("flag", key), since, body)
    }
}
