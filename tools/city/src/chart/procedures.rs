//! Operations and procedures, at the hospital and in the practice's record.

use serde_json::{Value, json};

use super::Chart;
use super::fhir::concept;
use crate::catalogue::OPERATIONS;

impl Chart<'_> {
    pub(super) fn procedures(&self) -> Vec<Value> {
        if !self.has_dataset("procedures") {
            return Vec::new();
        }
        // The world's generator: practice and hospital must have the same operations.
        let mut shared = self.world.rng(self.person.index, "operations");
        let mut found = Vec::new();
        for (at, (operation, specialty, from_age)) in OPERATIONS.iter().enumerate() {
            let days = shared.days(30, 4000);
            let done = self.world.days_ago(days);
            if !shared.chance(90) || crate::world::years_between(self.person.birth, done) < *from_age {
                continue;
            }
            let body = json!({
                "status": "completed",
                "category": {"text": specialty},
                "code": concept(*operation),
                "subject": self.subject(),
                "performedDateTime": done.min(self.person.died.unwrap_or(done)).to_string(),
                "performer": [{"actor": Self::clinician(&mut self.rng("surgeon"))}],
            });
            found.push(self.resource("Procedure", self.id("procedure", &at.to_string()), done, body));
        }
        found
    }
}
