//! Contacts: one next of kin. All sources must have the same person, so the details come from the world's generator.

use serde_json::{Value, json};

use super::Chart;
use super::fhir::hl7;
use crate::names::{FAMILY, FEMALE, MALE};
use crate::world::Sex;

impl Chart<'_> {
    pub(super) fn contacts(&self) -> Vec<Value> {
        let mut rng = self.world.rng(self.person.index, "next of kin");
        if !self.has_dataset("contacts") || !rng.chance(800) {
            return Vec::new();
        }
        let (code, words) = match self.person.age {
            ..18 => ("PRN", "Parent"),
            18..70 => ("SPS", "Spouse or partner"),
            _ => ("CHILD", "Son or daughter"),
        };
        let female = rng.chance(500);
        let given = rng.pick(if female { &FEMALE } else { &MALE });
        let family = if code == "SPS" || rng.chance(300) { rng.pick(&FAMILY) } else { self.person.family };
        let mut relationship = hl7("v3-RoleCode", code);
        relationship["text"] = Value::from(words);
        let sex = if female { Sex::Female } else { Sex::Male };
        let body = json!({
            "active": true,
            "patient": self.subject(),
            "relationship": [relationship],
            "name": [{"use": "official", "family": family, "given": [given]}],
            "gender": if sex == Sex::Female { "female" } else { "male" },
            "telecom": [{"system": "phone", "use": "mobile", "value": format!("07700 900{:03}", rng.below(1000))}],
        });
        let changed = self.world.days_ago(self.rng("kin").days(30, 1000));
        vec![self.resource("RelatedPerson", self.id("contact", "0"), changed, body)]
    }
}
