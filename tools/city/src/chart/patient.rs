//! The Patient resource of a register. Only the authority marks restricted people (`meta.security`). It must never give
//! their address, telephone or `generalPractitioner`; their practice is in `managingOrganization`, which a record may use to
//! decide but not show.

use serde_json::{Value, json};

use super::Chart;
use super::fhir::{ODS, at, coded, hl7_coding};
use crate::plan::Source;
use crate::world::{Address, Sex};

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const UK: &str = "https://fhir.hl7.org.uk";
const VERIFICATION: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
const VERIFICATION_CODES: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";

impl Chart<'_> {
    pub(crate) fn patient(&self) -> Value {
        let person = &self.person;
        let entry = person.register_entry(self.source, self.world);
        let hidden = self.source == Source::Authority && person.restricted;
        // Large parts are moved in, because `json!` would copy them.
        let mut body = json!({
            "active": true,
            "name": [{
                "use": "official", "family": person.family, "given": [entry.given], "prefix": [person.title()],
                "text": format!("{} {} {}", person.title(), entry.given, person.family),
            }],
            "gender": if person.sex == Sex::Female { "female" } else { "male" },
            "birthDate": person.birth.to_string(),
        });
        body["identifier"] = self.identifiers(entry.number);
        body["managingOrganization"] = if hidden { self.practice() } else { self.organisation() };
        if !hidden {
            body["address"] = Value::Array(vec![address(&entry.address)]);
            body["telecom"] = self.telecom();
            if self.cast_role() != Some(crate::world::CastRole::NoNumber) {
                body["generalPractitioner"] = Value::Array(vec![self.practice()]);
            }
        }
        let changed = person.died.unwrap_or_else(|| self.world.days_ago(self.rng("patient").days(1, 900)));
        self.add_extensions(&mut body, entry.number.is_none());
        let mut patient = self.resource("Patient", self.local.clone(), changed, body);
        if self.source == Source::Authority {
            let (code, words) = if hidden { ("R", "restricted") } else { ("U", "unrestricted") };
            patient["meta"]["security"] = Value::Array(vec![hl7_coding("v3-Confidentiality", code, words)]);
        }
        patient
    }

    fn identifiers(&self, number: Option<u64>) -> Value {
        let own = json!({
            "use": "usual", "system": format!("https://{}.city.example/Id/local", self.source.id()),
            "value": self.local,
        });
        let Some(number) = number else { return Value::Array(vec![own]) };
        let national = json!({
            "extension": [{
                "url": VERIFICATION,
                "valueCodeableConcept": {"coding": [{
                    "system": VERIFICATION_CODES, "code": "01", "display": "Number present and verified",
                }]},
            }],
            "use": "official", "system": NHS_NUMBER, "value": number.to_string(),
        });
        Value::Array(vec![national, own])
    }

    fn practice(&self) -> Value {
        let practice = self.world.practice(self.person.index);
        json!({"type": "Organization", "identifier": {"system": ODS, "value": practice.ods}, "display": practice.name})
    }

    fn telecom(&self) -> Value {
        let (home, mobile) = self.world.telephones(self.person.index);
        json!([
            {"system": "phone", "use": "home", "value": home},
            {"system": "phone", "use": "mobile", "value": mobile},
        ])
    }

    fn add_extensions(&self, body: &mut Value, no_number: bool) {
        let mut extensions = Vec::new();
        if no_number {
            let system = format!("{UK}/CodeSystem/UKCore-NHSNumberUnavailableReason");
            extensions.push(json!({
                "url": format!("{UK}/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason"),
                "valueCodeableConcept": coded(&system, "nhs-number-not-known", "NHS number not known"),
            }));
        }
        // Only the authority and the practice know of a death.
        if let (Some(died), true) = (self.person.died, self.source == Source::Authority || self.source.is_gp()) {
            body["deceasedDateTime"] = Value::from(at(died, 6));
            if self.source == Source::Authority {
                let system = format!("{UK}/CodeSystem/UKCore-DeathNotificationStatus");
                extensions.push(json!({
                    "url": format!("{UK}/StructureDefinition/Extension-UKCore-DeathNotificationStatus"),
                    "extension": [{
                        "url": "deathNotificationStatus",
                        "valueCodeableConcept": coded(&system, "2", "Formal - death notice received from Registrar of Deaths"),
                    }],
                }));
            }
        }
        if !extensions.is_empty() {
            body["extension"] = Value::Array(extensions);
        }
    }
}

fn address(address: &Address) -> Value {
    let line = line(address);
    json!({
        "use": "home", "line": [line, address.part], "city": "Leeds", "postalCode": address.postcode(),
        "text": format!("{line}, {}, Leeds, {}", address.part, address.postcode()),
    })
}

/// House number and street.
pub(super) fn line(address: &Address) -> String {
    format!("{} {}", address.house, address.street)
}
