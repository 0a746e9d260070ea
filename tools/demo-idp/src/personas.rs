//! The invented people and clients that can sign in. Adding one here adds a button to the page. It never says what
//! they may see: the platform's own rules decide that.

/// An invented person or client of the demo city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persona {
    /// The name for `lcr token --as` and `login_hint`. It equals the role, except for `practice-officer`, `hub-gp`, the
    /// partners, the pilot teams and who is joining.
    pub name: &'static str,
    pub sub: &'static str,
    pub display_name: &'static str,
    /// The ODS code of their organisation; empty for patients.
    pub org: &'static str,
    /// Empty for a starter whom nobody has given a role.
    pub role: &'static str,
    /// "person", "patient" or "client".
    pub kind: &'static str,
    pub nhs_number: Option<&'static str>,
    /// Only for patients with a verified identity.
    pub birth_date: Option<&'static str>,
}

const fn person(name: &'static str, sub: &'static str, display_name: &'static str, org: &'static str) -> Persona {
    Persona { name, sub, display_name, org, role: name, kind: "person", nhs_number: None, birth_date: None }
}

const fn patient(
    name: &'static str,
    sub: &'static str,
    display_name: &'static str,
    verified: Option<(&'static str, &'static str)>,
) -> Persona {
    let (nhs_number, birth_date) = match verified {
        Some((number, born)) => (Some(number), Some(born)),
        None => (None, None),
    };
    Persona { name, sub, display_name, org: "", role: name, kind: "patient", nhs_number, birth_date }
}

const fn client(name: &'static str, display_name: &'static str) -> Persona {
    Persona {
        name,
        sub: name,
        display_name,
        org: "Y90001",
        role: name,
        kind: "client",
        nhs_number: None,
        birth_date: None,
    }
}

/// The message sender of a partner's system: a client may send for its own organisation only.
const fn partner(name: &'static str, display_name: &'static str, org: &'static str) -> Persona {
    Persona { org, role: "feeds-client", ..client(name, display_name) }
}

const PERSONAS: [Persona; 26] = [
    person("gp", "900000000101", "Dr Aisha Khan", "Y90001"),
    person("practice-manager", "900000000102", "Colin Marsh", "Y90001"),
    person("receptionist", "900000000103", "Beth Oldroyd", "Y90001"),
    Persona { role: "privacy-officer", ..person("practice-officer", "900000000104", "Ruth Alderson", "Y90001") },
    person("consultant", "900000000201", "Dr Ravi Menon", "Z9H01"),
    person("ed-clinician", "900000000202", "Dr Kate Sowerby", "Z9H01"),
    person("ward-nurse", "900000000203", "Grace Mensah", "Z9H01"),
    person("privacy-officer", "900000000204", "Helen Proctor", "Z9H01"),
    person("caldicott-guardian", "900000000205", "Prof Anthony Wells", "Z9H01"),
    person("community-nurse", "900000000301", "Tom Ibbotson", "Z9T01"),
    person("social-worker", "900000000401", "Marie Duval", "Z9S01"),
    person("childrens-social-worker", "900000000402", "Sean Gallagher", "Z9S02"),
    person("mental-health", "900000000501", "Dr Ines Carvalho", "Z9M01"),
    person("pharmacist", "900000000601", "Nikhil Shah", "Z9P01"),
    person("paramedic", "900000000701", "Josie Lamb", "Z9A01"),
    person("out-of-hours-gp", "900000000801", "Dr Peter Nkemelu", "Z9O01"),
    Persona { role: "gp", ..person("hub-gp", "900000000802", "Dr Samira Haddad", "Z9E01") },
    person("care-home", "900000000901", "Lorraine Peel", "Z9N01"),
    person("data-steward", "900000001001", "Farah Aziz", "Z9L01"),
    person("org-admin", "900000001002", "Owen Rees", "Z9L01"),
    person("platform-admin", "900000001003", "Sunita Rao", "Z9L01"),
    person("commissioner", "900000001101", "Judith Crane", "Z9K01"),
    patient("patient", "nl-fredrica-smith", "Fredrica Smith", Some(("9434765919", "1945-07-14"))),
    patient("proxy-parent", "nl-kit-danby", "Kit Danby", None),
    client("feeds-client", "A partner's message sender"),
    client("fhir-client", "A partner's FHIR reader"),
];

/// The clients of the city's partners that send evidence of care, named after their system.
const PARTNERS: [Persona; 9] = [
    partner("st-hildas-feed", "St Hilda's message sender", "Z9H01"),
    partner("community-feed", "Aire Community Healthcare's message sender", "Z9C01"),
    partner("mental-health-feed", "Northgate Mental Health's message sender", "Z9M01"),
    partner("adult-social-care-feed", "Adult Social Care's message sender", "Z9S01"),
    partner("childrens-social-care-feed", "Children's Social Care's message sender", "Z9S02"),
    partner("rowan-house-feed", "Rowan House's message sender", "Z9N01"),
    partner("loom-street-feed", "Loom Street Pharmacy's message sender", "Z9P01"),
    partner("ambulance-feed", "Broad Acres Ambulance Service's message sender", "Z9A01"),
    partner("out-of-hours-feed", "Beacon Out of Hours' message sender", "Z9O01"),
];

/// One person of each pilot team.
const PILOT_TEAMS: [Persona; 6] = [
    Persona { role: "social-worker", ..person("pilot-adults-east", "900000001201", "Priya Nair", "Z9S11") },
    Persona { role: "social-worker", ..person("pilot-adults-west", "900000001202", "Alan Firth", "Z9S12") },
    Persona {
        role: "childrens-social-worker",
        ..person("pilot-children-east", "900000001203", "Yasmin Hart", "Z9S21")
    },
    Persona {
        role: "childrens-social-worker",
        ..person("pilot-children-west", "900000001204", "Joel Baxter", "Z9S22")
    },
    Persona { role: "community-nurse", ..person("pilot-matron-east", "900000001205", "Moira Kelly", "Z9C11") },
    Persona { role: "community-nurse", ..person("pilot-matron-west", "900000001206", "Dean Okoro", "Z9C12") },
];

/// People of an organisation that is not in the registry until they register it, and a starter without a role.
const JOINING: [Persona; 5] = [
    Persona { role: "org-admin", ..person("joining-admin", "900000001301", "Nadia Brook", "Z9J01") },
    Persona { role: "caldicott-guardian", ..person("joining-guardian", "900000001302", "Dr Paul Ferris", "Z9J01") },
    Persona { role: "privacy-officer", ..person("joining-officer", "900000001303", "Imran Shaw", "Z9J01") },
    Persona { role: "community-nurse", ..person("joining-nurse", "900000001304", "Ellen Ward", "Z9J01") },
    Persona { role: "", ..person("new-starter", "900000001305", "Callum Reid", "Z9H01") },
];

/// The headings of the page, in order. The names are those of the demo city.
pub(crate) const ORGANISATIONS: [(&str, &str); 21] = [
    ("Y90001", "Beckside Surgery"),
    ("Z9H01", "St Hilda's Hospitals"),
    ("Z9T01", "Beckside Neighbourhood Team"),
    ("Z9M01", "Northgate Mental Health"),
    ("Z9S01", "Adult Social Care"),
    ("Z9S02", "Children's Social Care"),
    ("Z9P01", "Loom Street Pharmacy"),
    ("Z9A01", "Broad Acres Ambulance Service"),
    ("Z9O01", "Beacon Out of Hours"),
    ("Z9E01", "Old Town Extended Access Hub"),
    ("Z9N01", "Rowan House Care Home"),
    ("Z9K01", "City Health Commissioners"),
    ("Z9L01", "Leeds Care Record Office"),
    ("", "Patients and families"),
    ("Z9S11", "Adult Social Care, East Team"),
    ("Z9S12", "Adult Social Care, West Team"),
    ("Z9S21", "Children's Social Care, East Team"),
    ("Z9S22", "Children's Social Care, West Team"),
    ("Z9C11", "Aire Community Nursing, East"),
    ("Z9C12", "Aire Community Nursing, West"),
    ("Z9J01", "Kirkgate Hospice (not registered yet)"),
];

/// The personas of the agreed access table: neither the partners' clients, nor the pilot teams, nor who is joining.
pub fn personas() -> &'static [Persona] {
    &PERSONAS
}

/// The message senders of the city's partners.
pub fn partners() -> &'static [Persona] {
    &PARTNERS
}

/// One person of each pilot team.
pub fn pilot_teams() -> &'static [Persona] {
    &PILOT_TEAMS
}

fn all() -> impl Iterator<Item = &'static Persona> {
    PERSONAS.iter().chain(&PARTNERS).chain(&PILOT_TEAMS).chain(&JOINING)
}

/// Finds a persona or partner by name.
pub fn find(name: &str) -> Option<&'static Persona> {
    all().find(|one| one.name == name)
}

/// Everybody who signs in with a browser.
pub(crate) fn people() -> impl Iterator<Item = &'static Persona> {
    all().filter(|one| one.kind != "client")
}

/// Finds a persona that signs in with a browser.
pub(crate) fn find_person(name: &str) -> Option<&'static Persona> {
    people().find(|one| one.name == name)
}

pub(crate) fn clients() -> impl Iterator<Item = &'static Persona> {
    PERSONAS.iter().chain(&PARTNERS).filter(|one| one.kind == "client")
}

#[cfg(test)]
#[path = "personas_tests.rs"]
mod tests;
