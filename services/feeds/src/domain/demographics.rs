//! What a PID says of a person, in three states, and how it changes what the source said before. A hospital
//! suggests: it never says who the registered practice is, and is no authority on anything.

use jiff::civil::Date;
use lcr_contracts::{
    events::SourcePatient,
    spell::{PatientSaid, Told},
};
use lcr_hl7::{Repetition, time};
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{Arrival, groups::Group, identity::Named};

/// What one message tells of a person.
#[derive(Clone)]
pub struct PatientTold {
    pub identity: SourceIdentity,
    /// When it was so, by the sender's clock but never after it came.
    pub sent: jiff::Timestamp,
    pub nhs_number: Told<String>,
    pub verified: Option<bool>,
    pub family: Told<String>,
    pub given: Told<String>,
    pub title: Told<String>,
    pub birth_date: Told<Date>,
    pub gender: Told<String>,
    pub address: Told<String>,
    pub postcode: Told<String>,
    pub died: Told<bool>,
    pub restricted: Told<bool>,
    pub replaces: Vec<LocalId>,
}

impl PatientTold {
    /// Nothing told of that person yet.
    pub fn of(identity: SourceIdentity, sent: jiff::Timestamp) -> Self {
        Self {
            identity,
            sent,
            nhs_number: Told::Unchanged,
            verified: None,
            family: Told::Unchanged,
            given: Told::Unchanged,
            title: Told::Unchanged,
            birth_date: Told::Unchanged,
            gender: Told::Unchanged,
            address: Told::Unchanged,
            postcode: Told::Unchanged,
            died: Told::Unchanged,
            restricted: Told::Unchanged,
            replaces: vec![],
        }
    }

    /// What the source says now, given what it said before.
    pub fn over(self, held: Option<SourcePatient>) -> SourcePatient {
        let mut now = held.unwrap_or_else(|| nobody(&self.identity));
        keep(&mut now.nhs_number, self.nhs_number);
        now.nhs_number_verified =
            self.verified.unwrap_or(now.nhs_number_verified) && now.nhs_number.is_some();
        keep_or_default(&mut now.family, self.family);
        keep_or_default(&mut now.given, self.given);
        keep(&mut now.title, self.title);
        keep(&mut now.birth_date, self.birth_date);
        keep_or_default(&mut now.gender, self.gender);
        keep(&mut now.address, self.address);
        keep(&mut now.postcode, self.postcode);
        keep_or_default(&mut now.died, self.died);
        keep_or_default(&mut now.restricted, self.restricted);
        now.replaces = self.replaces;
        if now.gender.is_empty() {
            "unknown".clone_into(&mut now.gender);
        }
        now
    }
}

fn keep<T>(held: &mut Option<T>, told: Told<T>) {
    match told {
        Told::Unchanged => {}
        Told::Deleted => *held = None,
        Told::Set(value) => *held = Some(value),
    }
}

fn keep_or_default<T: Default>(held: &mut T, told: Told<T>) {
    match told {
        Told::Unchanged => {}
        Told::Deleted => *held = T::default(),
        Told::Set(value) => *held = value,
    }
}

fn nobody(identity: &SourceIdentity) -> SourcePatient {
    SourcePatient {
        source: identity.source.clone(),
        nhs_number: None,
        nhs_number_verified: false,
        family: String::new(),
        given: String::new(),
        title: None,
        birth_date: None,
        gender: String::new(),
        address: None,
        postcode: None,
        practice: None,
        died: false,
        restricted: false,
        authority: false,
        gp_registration: false,
        replaces: vec![],
        active: true,
        links: vec![],
    }
}

/// How the hospital names the person, for a row of the ward list.
pub fn said(patient: &SourcePatient) -> PatientSaid {
    PatientSaid {
        family: patient.family.clone(),
        given: patient.given.clone(),
        title: patient.title.clone(),
        birth_date: patient.birth_date,
        sex: patient.gender.clone(),
        nhs_number: patient.nhs_number.clone(),
        died: patient.died,
    }
}

/// Reads the PID of a group, and what PV1 and ZU8 say of protection.
pub fn told(arrival: &Arrival<'_>, group: &Group<'_>, named: &Named) -> PatientTold {
    let field = |number| group.field("PID", number);
    let names: Vec<Repetition<'_>> = field(5).repetitions().collect();
    let name = names.iter().find(|one| is_official(one)).or_else(|| names.first());
    let of_name = |part: usize| match name {
        _ if field(5).is_deleted() => Told::Deleted,
        Some(name) => name.part(part).map_or(Told::Unchanged, Told::Set),
        None => Told::Unchanged,
    };
    let unknown = field(31).code().as_deref() == Some("Y");
    PatientTold {
        // Nobody is matched by a number while the hospital does not know who it is.
        nhs_number: match &named.nhs_number {
            _ if unknown => Told::Deleted,
            Some(number) => Told::Set(NhsNumber::as_str(number).to_owned()),
            None => Told::Unchanged,
        },
        verified: field(32).first().map(|_| is_traced(group)),
        family: of_name(1),
        given: of_name(2),
        title: of_name(5),
        birth_date: field(7).told(|one| time::date(&one.part(1)?)),
        gender: field(8).told(|one| Some(gender(&one.part(1)?).to_owned())),
        address: field(11).told(address),
        postcode: field(11).told(|one| one.part(5)),
        died: died(group),
        restricted: restricted(group),
        ..PatientTold::of(named.identity.clone(), super::spell::told_at(arrival))
    }
}

/// A legal or current name rather than an alias or a former one.
fn is_official(name: &Repetition<'_>) -> bool {
    matches!(name.part(7).as_deref(), None | Some("L" | "D" | "CURRENT" | "U"))
}

/// PID-32: the number was traced against the demographics service (status 01).
fn is_traced(group: &Group<'_>) -> bool {
    let traced = |code: String| matches!(code.as_str(), "NSTS01" | "01");
    group.field("PID", 32).repetitions().filter_map(|one| one.part(1)).any(traced)
}

/// Data Dictionary digits or the letters of HL7.
fn gender(code: &str) -> &'static str {
    match code.to_ascii_uppercase().as_str() {
        "1" | "M" | "MALE" => "male",
        "2" | "F" | "FEMALE" => "female",
        "9" | "O" | "A" => "other",
        _ => "unknown",
    }
}

fn address(one: Repetition<'_>) -> Option<String> {
    let parts: Vec<String> = (1..=4).filter_map(|part| one.part(part)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// PID-30, and PID-29 where that says nothing: a time of death beside "not dead" does occur.
fn died(group: &Group<'_>) -> Told<bool> {
    match (group.field("PID", 30).code().as_deref(), group.field("PID", 29).code()) {
        (Some("Y"), _) | (None, Some(_)) => Told::Set(true),
        (Some("N"), _) => Told::Set(false),
        _ if group.field("PID", 30).is_deleted() => Told::Set(false),
        _ => Told::Unchanged,
    }
}

/// PV1-16 = S, or ZU8-4 of 1 or more. Either is enough; both must say otherwise to take it back.
fn restricted(group: &Group<'_>) -> Told<bool> {
    let flag = group.field("PV1", 16).code();
    let hiding = group.field("ZU8", 4).code();
    match (flag.as_deref(), hiding.as_deref()) {
        (Some("S"), _) | (_, Some("1" | "2")) => Told::Set(true),
        (_, Some("0")) => Told::Set(false),
        _ => Told::Unchanged,
    }
}

impl std::fmt::Debug for PatientTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PatientTold({})", self.identity.source)
    }
}
