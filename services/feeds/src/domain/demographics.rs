//! Reads demographics from a PID as three-state fields and applies them to the source's last known demographics. A
//! hospital's data must never set the registered practice and is never authoritative.

use jiff::civil::Date;
use lcr_contracts::{
    events::SourcePatient,
    spell::{FieldUpdate, PatientDetails},
};
use lcr_hl7::time;
use lcr_model::{LocalId, NhsNumber, SourceIdentity};

use super::{
    Arrival, assigned_id::AssignedId, identity::IdentifiedPatient, names, segment_groups::SegmentGroup, times,
};

/// The demographics in one message.
#[derive(Clone)]
pub struct PatientUpdate {
    pub identity: SourceIdentity,
    /// When the sender sent the message, but never later than its arrival.
    pub sent: jiff::Timestamp,
    pub nhs_number: FieldUpdate<String>,
    pub verified: Option<bool>,
    pub family: FieldUpdate<String>,
    pub given: FieldUpdate<String>,
    pub title: FieldUpdate<String>,
    pub birth_date: FieldUpdate<Date>,
    pub gender: FieldUpdate<String>,
    pub address: FieldUpdate<String>,
    pub postcode: FieldUpdate<String>,
    pub died: FieldUpdate<bool>,
    pub restricted: FieldUpdate<bool>,
    pub replaces: Vec<LocalId>,
    /// The hashed ids among this person's id and those it replaces, each with the ids in clear that older versions
    /// used.
    pub assigned: Vec<AssignedId>,
}

impl PatientUpdate {
    /// An update that changes nothing.
    pub fn unchanged(identity: SourceIdentity, sent: jiff::Timestamp) -> Self {
        Self {
            identity,
            sent,
            nhs_number: FieldUpdate::Unchanged,
            verified: None,
            family: FieldUpdate::Unchanged,
            given: FieldUpdate::Unchanged,
            title: FieldUpdate::Unchanged,
            birth_date: FieldUpdate::Unchanged,
            gender: FieldUpdate::Unchanged,
            address: FieldUpdate::Unchanged,
            postcode: FieldUpdate::Unchanged,
            died: FieldUpdate::Unchanged,
            restricted: FieldUpdate::Unchanged,
            replaces: vec![],
            assigned: vec![],
        }
    }

    /// Adds the ids in clear that older versions gave to the person's number.
    pub fn with_clear_ids(self, in_clear: Vec<LocalId>) -> Self {
        let own = AssignedId { id: self.identity.local_id.clone(), in_clear };
        Self { assigned: Some(own).filter(|own| !own.in_clear.is_empty()).into_iter().collect(), ..self }
    }

    /// The source's own id of the person, if the local id is a hash of it.
    pub fn own_id(&self) -> Option<String> {
        let own = self.assigned.iter().find(|one| one.id == self.identity.local_id)?;
        own.in_clear.first().map(|id| id.0.clone())
    }

    /// Applies the update to the source's last known demographics.
    pub fn apply_to(self, last_known: Option<SourcePatient>) -> SourcePatient {
        let mut now = last_known.unwrap_or_else(|| empty_patient(&self.identity));
        let before = now.nhs_number.clone();
        update(&mut now.nhs_number, self.nhs_number);
        // The verification of another number does not count for this one.
        let was_verified = now.nhs_number_verified && now.nhs_number == before;
        now.nhs_number_verified = self.verified.unwrap_or(was_verified) && now.nhs_number.is_some();
        update_or_default(&mut now.family, self.family);
        update_or_default(&mut now.given, self.given);
        update(&mut now.title, self.title);
        update(&mut now.birth_date, self.birth_date);
        update_or_default(&mut now.gender, self.gender);
        update(&mut now.address, self.address);
        update(&mut now.postcode, self.postcode);
        update_or_default(&mut now.died, self.died);
        update_or_default(&mut now.restricted, self.restricted);
        now.replaces = self.replaces;
        if now.gender.is_empty() {
            "unknown".clone_into(&mut now.gender);
        }
        now
    }
}

fn update<T>(known: &mut Option<T>, change: FieldUpdate<T>) {
    match change {
        FieldUpdate::Unchanged => {}
        FieldUpdate::Deleted => *known = None,
        FieldUpdate::Set(value) => *known = Some(value),
    }
}

fn update_or_default<T: Default>(known: &mut T, change: FieldUpdate<T>) {
    match change {
        FieldUpdate::Unchanged => {}
        FieldUpdate::Deleted => *known = T::default(),
        FieldUpdate::Set(value) => *known = value,
    }
}

fn empty_patient(identity: &SourceIdentity) -> SourcePatient {
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

/// The patient details for a row of the ward list.
pub fn patient_details(patient: &SourcePatient) -> PatientDetails {
    PatientDetails {
        family: patient.family.clone(),
        given: patient.given.clone(),
        title: patient.title.clone(),
        birth_date: patient.birth_date,
        sex: patient.gender.clone(),
        nhs_number: patient.nhs_number.clone(),
        died: patient.died,
    }
}

/// Reads the PID of a group, and the protection flags in PV1 and ZU8.
pub fn read(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, patient: &IdentifiedPatient) -> PatientUpdate {
    let field = |number| group.field("PID", number);
    let sent = times::reported_at(arrival);
    let name = names::choose_name(field(5), sent);
    let given = match &name {
        // The known given name belongs to another form of the name.
        FieldUpdate::Set(name) if name.is_text => FieldUpdate::Deleted,
        name => part(name, |name| &name.given),
    };
    let address = names::choose_address(field(11), sent);
    let unknown = field(31).code().as_deref() == Some("Y");
    PatientUpdate {
        // PID-31: the hospital does not know who the patient is, so no match by number.
        nhs_number: match &patient.nhs_number {
            _ if unknown => FieldUpdate::Deleted,
            Some(number) => FieldUpdate::Set(NhsNumber::as_str(number).to_owned()),
            None => FieldUpdate::Unchanged,
        },
        verified: patient.verified.or_else(|| is_traced(group)),
        family: part(&name, |name| &name.family),
        given,
        title: part(&name, |name| &name.title),
        birth_date: field(7).field_update(|one| time::parse_date(&one.component(1)?)),
        gender: field(8).field_update(|one| Some(gender(&one.component(1)?).to_owned())),
        address: part(&address, |address| &address.line),
        postcode: part(&address, |address| &address.postcode),
        died: died(group),
        restricted: restricted(group),
        ..PatientUpdate::unchanged(patient.identity.clone(), sent).with_clear_ids(patient.in_clear.clone())
    }
}

/// One part of a three-state value. A missing part is unchanged.
fn part<T>(value: &FieldUpdate<T>, part_of: impl Fn(&T) -> &Option<String>) -> FieldUpdate<String> {
    match value {
        FieldUpdate::Unchanged => FieldUpdate::Unchanged,
        FieldUpdate::Deleted => FieldUpdate::Deleted,
        FieldUpdate::Set(value) => part_of(value).clone().map_or(FieldUpdate::Unchanged, FieldUpdate::Set),
    }
}

/// Whether PID-32 says that the NHS number was traced (status 01). `None` without such a status.
fn is_traced(group: &SegmentGroup<'_>) -> Option<bool> {
    let codes = group.field("PID", 32).repetitions().filter_map(|one| one.component(1));
    let mut statuses = codes.filter_map(|code| {
        let digits = code.strip_prefix("NSTS").unwrap_or(&code);
        (digits.len() == 2 && digits.bytes().all(|c| c.is_ascii_digit())).then(|| digits == "01")
    });
    let first = statuses.next()?;
    Some(first || statuses.any(|traced| traced))
}

/// Accepts the digits of the NHS Data Dictionary and the letters of HL7.
fn gender(code: &str) -> &'static str {
    match code.to_ascii_uppercase().as_str() {
        "1" | "M" | "MALE" => "male",
        "2" | "F" | "FEMALE" => "female",
        "9" | "O" | "A" => "other",
        _ => "unknown",
    }
}

/// PID-30, else PID-29. PID-30 wins, because some senders send a time of death with "not dead".
fn died(group: &SegmentGroup<'_>) -> FieldUpdate<bool> {
    match (group.field("PID", 30).code().as_deref(), group.field("PID", 29).code()) {
        (Some("Y"), _) | (None, Some(_)) => FieldUpdate::Set(true),
        (Some("N"), _) => FieldUpdate::Set(false),
        _ if group.field("PID", 30).is_deleted() => FieldUpdate::Set(false),
        // The sender deleted the time of death.
        _ if group.field("PID", 29).is_deleted() => FieldUpdate::Set(false),
        _ => FieldUpdate::Unchanged,
    }
}

/// Restricted if PV1-16 is S or ZU8-4 is 1 or 2. Only ZU8-4 = 0 lifts it.
fn restricted(group: &SegmentGroup<'_>) -> FieldUpdate<bool> {
    let flag = group.field("PV1", 16).code();
    let hiding = group.field("ZU8", 4).code();
    match (flag.as_deref(), hiding.as_deref()) {
        (Some("S"), _) | (_, Some("1" | "2")) => FieldUpdate::Set(true),
        (_, Some("0")) => FieldUpdate::Set(false),
        _ => FieldUpdate::Unchanged,
    }
}

impl std::fmt::Debug for PatientUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PatientUpdate({})", self.identity.source)
    }
}
