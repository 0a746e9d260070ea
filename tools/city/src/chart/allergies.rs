//! Allergies: the same allergens everywhere, but not every source has heard of each, and "no known
//! allergies" is said only where somebody asked. An empty list never means none.

use serde_json::{Value, json};

use super::Chart;
use super::fhir::{concept, hl7};
use crate::catalogue::{ALLERGENS, CODEINE, PENICILLIN, Term, term};
use crate::world::Part;

struct Allergy {
    substance: Term,
    reaction: Option<Term>,
    severe: bool,
    refuted: bool,
}

impl Chart<'_> {
    pub(super) fn allergies(&self) -> Vec<Value> {
        if !self.holds("allergies") {
            return Vec::new();
        }
        let found = match self.part() {
            Some(Part::Fredrica) => self.fredricas(),
            Some(Part::Leonard) => self.leonards(),
            _ => self.drawn_allergies(),
        };
        found.iter().enumerate().map(|(at, one)| self.allergy(at, one)).collect()
    }

    /// Penicillin everywhere; codeine asserted by her practice and refuted by the hospital.
    fn fredricas(&self) -> Vec<Allergy> {
        let anaphylaxis = term("39579001", "Anaphylaxis");
        let mut found = vec![Allergy {
            substance: PENICILLIN,
            reaction: Some(anaphylaxis),
            severe: true,
            refuted: false,
        }];
        if self.source.is_gp() || self.source.is_hospital() {
            let nausea = term("422587007", "Nausea");
            let refuted = self.source.is_hospital();
            found.push(Allergy { substance: CODEINE, reaction: Some(nausea), severe: false, refuted });
        }
        found
    }

    /// His practice knows of penicillin and anaphylaxis; the hospital says none, and refutes codeine.
    fn leonards(&self) -> Vec<Allergy> {
        let plain = |substance| Allergy { substance, reaction: None, severe: false, refuted: false };
        if self.source.is_hospital() {
            let codeine = Allergy { refuted: true, ..plain(CODEINE) };
            return vec![plain(term("716186003", "No known allergy")), codeine];
        }
        let anaphylaxis = term("39579001", "Anaphylaxis");
        vec![Allergy { reaction: Some(anaphylaxis), severe: true, ..plain(PENICILLIN) }]
    }

    fn drawn_allergies(&self) -> Vec<Allergy> {
        let mut shared = self.world.dice(self.person.index, "allergies");
        let mut own = self.dice("allergies");
        let count = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2][shared.below(10) as usize];
        let first = shared.below(8);
        let mut found = Vec::new();
        for step in 0..count {
            let (substance, reaction) = ALLERGENS[((first + step * 3) % 8) as usize];
            let severe = shared.chance(100);
            // Not every source has been told of each.
            if self.source.is_gp() || own.chance(800) {
                found.push(Allergy { substance, reaction: Some(reaction), severe, refuted: false });
            }
        }
        if count == 0 && own.chance(550) {
            let none = term("716186003", "No known allergy");
            found.push(Allergy { substance: none, reaction: None, severe: false, refuted: false });
        }
        found
    }

    fn allergy(&self, at: usize, allergy: &Allergy) -> Value {
        let mut dice = self.dice("allergy");
        let recorded = self.world.days_ago(dice.days(40, 3000)).max(self.person.birth);
        let clinical = if allergy.refuted { "inactive" } else { "active" };
        let certainty = if allergy.refuted { "refuted" } else { "confirmed" };
        let mut body = json!({
            "clinicalStatus": hl7("allergyintolerance-clinical", clinical),
            "verificationStatus": hl7("allergyintolerance-verification", certainty),
            "code": concept(allergy.substance),
            "patient": self.subject(),
            "recordedDate": recorded.to_string(),
            "recorder": Self::clinician(&mut dice),
        });
        if let Some(reaction) = allergy.reaction {
            body["type"] = Value::from("allergy");
            body["criticality"] = Value::from(if allergy.severe { "high" } else { "low" });
            body["reaction"] = json!([{
                "manifestation": [concept(reaction)],
                "severity": if allergy.severe { "severe" } else { "mild" },
            }]);
        }
        self.resource("AllergyIntolerance", self.id("allergy", &at.to_string()), recorded, body)
    }
}
