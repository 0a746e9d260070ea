//! What a PID says of a person, in three states, and how it changes what the source said before. A hospital
//! suggests: it never says who the registered practice is, and is no authority on anything.

use jiff::civil::Date;
use lcr_contracts::{
    events::SourcePatient,
    spell::{PatientSaid, Told},
};
use lcr_hl7::time;
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{Arrival, assigned::AssignedId, groups::Group, identity::Named, names, times};

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
    /// Of this person's number and those it replaces, the ones that are hashes of what versions before had in clear.
    pub assigned: Vec<AssignedId>,
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
            assigned: vec![],
        }
    }

    /// With the local ids in clear that versions before gave to the person's number.
    pub fn known_in_clear(self, in_clear: Vec<LocalId>) -> Self {
        let own = AssignedId { id: self.identity.local_id.clone(), in_clear };
        Self { assigned: Some(own).filter(|own| !own.in_clear.is_empty()).into_iter().collect(), ..self }
    }

    /// The id that the source itself knows the person by, where the local id is a hash of it.
    pub fn own_id(&self) -> Option<String> {
        let own = self.assigned.iter().find(|one| one.id == self.identity.local_id)?;
        own.in_clear.first().map(|id| id.0.clone())
    }

    /// What the source says now, given what it said before.
    pub fn over(self, held: Option<SourcePatient>) -> SourcePatient {
        let mut now = held.unwrap_or_else(|| nobody(&self.identity));
        let before = now.nhs_number.clone();
        keep(&mut now.nhs_number, self.nhs_number);
        // That another number was verified says nothing of this one.
        let was_verified = now.nhs_number_verified && now.nhs_number == before;
        now.nhs_number_verified = self.verified.unwrap_or(was_verified) && now.nhs_number.is_some();
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
    let sent = times::told_at(arrival);
    let name = names::name(field(5), sent);
    let given = match &name {
        // What was known of the given name belongs to another writing of the name.
        Told::Set(name) if name.is_text => Told::Deleted,
        name => part(name, |name| &name.given),
    };
    let address = names::address(field(11), sent);
    let unknown = field(31).code().as_deref() == Some("Y");
    PatientTold {
        // Nobody is matched by a number while the hospital does not know who it is.
        nhs_number: match &named.nhs_number {
            _ if unknown => Told::Deleted,
            Some(number) => Told::Set(NhsNumber::as_str(number).to_owned()),
            None => Told::Unchanged,
        },
        verified: named.verified.or_else(|| is_traced(group)),
        family: part(&name, |name| &name.family),
        given,
        title: part(&name, |name| &name.title),
        birth_date: field(7).told(|one| time::date(&one.part(1)?)),
        gender: field(8).told(|one| Some(gender(&one.part(1)?).to_owned())),
        address: part(&address, |address| &address.line),
        postcode: part(&address, |address| &address.postcode),
        died: died(group),
        restricted: restricted(group),
        ..PatientTold::of(named.identity.clone(), sent).known_in_clear(named.in_clear.clone())
    }
}

/// One part of a value in three states; a part that was left out is as it was.
fn part<T>(told: &Told<T>, of: impl Fn(&T) -> &Option<String>) -> Told<String> {
    match told {
        Told::Unchanged => Told::Unchanged,
        Told::Deleted => Told::Deleted,
        Told::Set(value) => of(value).clone().map_or(Told::Unchanged, Told::Set),
    }
}

/// PID-32, where it holds a status of the NHS number: 01 is traced against the demographics service.
fn is_traced(group: &Group<'_>) -> Option<bool> {
    let codes = group.field("PID", 32).repetitions().filter_map(|one| one.part(1));
    let mut statuses = codes.filter_map(|code| {
        let digits = code.strip_prefix("NSTS").unwrap_or(&code);
        (digits.len() == 2 && digits.bytes().all(|c| c.is_ascii_digit())).then(|| digits == "01")
    });
    let first = statuses.next()?;
    Some(first || statuses.any(|traced| traced))
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

/// PID-30, and PID-29 where that says nothing: a time of death beside "not dead" does occur.
fn died(group: &Group<'_>) -> Told<bool> {
    match (group.field("PID", 30).code().as_deref(), group.field("PID", 29).code()) {
        (Some("Y"), _) | (None, Some(_)) => Told::Set(true),
        (Some("N"), _) => Told::Set(false),
        _ if group.field("PID", 30).is_deleted() => Told::Set(false),
        // The time of death is taken back.
        _ if group.field("PID", 29).is_deleted() => Told::Set(false),
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
