//! Allergies. All sources share the same allergens, but not every source has each. An empty list must never mean "no known
//! allergies": that is an entry of its own.

use serde_json::{Value, json};

use super::Chart;
use super::fhir::{concept, hl7};
use crate::catalogue::{CODEINE, PENICILLIN, Term, term};
use crate::health::allergens;
use crate::world::CastRole;

struct Allergy {
    substance: Term,
    reaction: Option<Term>,
    severe: bool,
    refuted: bool,
}

impl Chart<'_> {
    pub(super) fn allergies(&self) -> Vec<Value> {
        if !self.has_dataset("allergies") {
            return Vec::new();
        }
        let allergies = match self.cast_role() {
            Some(CastRole::Fredrica) => self.fredrica_allergies(),
            Some(CastRole::Leonard) => self.leonard_allergies(),
            _ => self.random_allergies(),
        };
        allergies.iter().enumerate().map(|(at, one)| self.allergy(at, one)).collect()
    }

    /// Penicillin at every source. Codeine is confirmed by her practice and refuted by the hospital.
    fn fredrica_allergies(&self) -> Vec<Allergy> {
        let anaphylaxis = term("39579001", "Anaphylaxis");
        let mut allergies =
            vec![Allergy { substance: PENICILLIN, reaction: Some(anaphylaxis), severe: true, refuted: false }];
        if self.source.is_gp() || self.source.is_hospital() {
            let nausea = term("422587007", "Nausea");
            let refuted = self.source.is_hospital();
            allergies.push(Allergy { substance: CODEINE, reaction: Some(nausea), severe: false, refuted });
        }
        allergies
    }

    /// His practice records penicillin with anaphylaxis. The hospital records no known allergy and refutes codeine.
    fn leonard_allergies(&self) -> Vec<Allergy> {
        let plain = |substance| Allergy { substance, reaction: None, severe: false, refuted: false };
        if self.source.is_hospital() {
            let codeine = Allergy { refuted: true, ..plain(CODEINE) };
            return vec![plain(term("716186003", "No known allergy")), codeine];
        }
        let anaphylaxis = term("39579001", "Anaphylaxis");
        vec![Allergy { reaction: Some(anaphylaxis), severe: true, ..plain(PENICILLIN) }]
    }

    fn random_allergies(&self) -> Vec<Allergy> {
        let mut own = self.rng("allergies");
        let shared = allergens(self.world, self.person.index);
        let mut allergies = Vec::new();
        for &(substance, reaction, severe) in &shared {
            // Sources other than the practice miss some allergies.
            if self.source.is_gp() || own.chance(800) {
                allergies.push(Allergy { substance, reaction: Some(reaction), severe, refuted: false });
            }
        }
        if shared.is_empty() && own.chance(550) {
            let none = term("716186003", "No known allergy");
            allergies.push(Allergy { substance: none, reaction: None, severe: false, refuted: false });
        }
        allergies
    }

    fn allergy(&self, at: usize, allergy: &Allergy) -> Value {
        let mut rng = self.rng("allergy");
        let recorded = self.world.days_ago(rng.days(40, 3000)).max(self.person.birth);
        let clinical = if allergy.refuted { "inactive" } else { "active" };
        let certainty = if allergy.refuted { "refuted" } else { "confirmed" };
        let mut body = json!({
            "clinicalStatus": hl7("allergyintolerance-clinical", clinical),
            "verificationStatus": hl7("allergyintolerance-verification", certainty),
            "code": concept(allergy.substance),
            "patient": self.subject(),
            "recordedDate": recorded.to_string(),
            "recorder": Self::clinician(&mut rng),
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
