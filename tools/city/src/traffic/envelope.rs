//! The segments that every message of a hospital has: its header (MSH) and its patient (PID). Personal details must equal those
//! in the hospital's register, so that messages and FHIR source agree.

use jiff::Timestamp;

use super::segment::{Segment, components, hl7_day};
use crate::plan::Source;
use crate::world::{Person, Sex, World};

/// MSH-3, MSH-4, and whether the sender follows the ITK profile.
pub(super) type Sender = (&'static str, &'static str, bool);

/// The header of a message of this type and structure.
pub(super) fn header(
    world: &World,
    (application, facility, _): Sender,
    (kind, structure): (&str, &str),
    control: String,
    sent: Timestamp,
) -> String {
    Segment::new("MSH")
        .put(2, "^~\\&")
        .text(3, application)
        .text(4, facility)
        .text(5, "LCR")
        .text(6, "LCR")
        .put(7, world.hl7(sent))
        .put(9, if structure.is_empty() { kind.to_owned() } else { format!("{kind}^{structure}") })
        .put(10, control)
        .text(11, "P")
        .text(12, "2.4")
        .text(17, "GBR")
        .end()
}

/// A patient number of the sender's hospital (CX).
pub(super) fn hospital_number((_, facility, _): Sender, number: &str) -> String {
    components(&[number, "", "", facility, "MR"])
}

/// What a PID says of a person, without a death.
#[derive(Debug)]
pub(super) struct PatientSegment<'a> {
    pub(super) world: &'a World,
    pub(super) sender: Sender,
    pub(super) person: &'a Person,
    /// The person's number at the hospital.
    pub(super) own_number: &'a str,
    /// The register whose details it gives.
    pub(super) register: Source,
    /// Whether it gives the NHS number that the register has.
    pub(super) with_nhs_number: bool,
}

impl PatientSegment<'_> {
    pub(super) fn write(&self) -> Segment {
        let Self { world, person, .. } = self;
        let entry = person.register_entry(self.register, world);
        let own = hospital_number(self.sender, self.own_number);
        let national = entry.number.filter(|_| self.with_nhs_number);
        let ids = national.map_or(own.clone(), |number| format!("{own}~{number}^^^NHS^NH"));
        let sex = match (person.sex, self.sender.2) {
            (Sex::Female, false) => "F",
            (Sex::Male, false) => "M",
            (Sex::Female, true) => "2",
            (Sex::Male, true) => "1",
        };
        let house = format!("{} {}", entry.address.house, entry.address.street);
        let home = [house.as_str(), entry.address.part, "Leeds", "", &entry.address.postcode(), "GBR", "H"];
        let (phone, _) = world.telephones(person.index);
        let pid = Segment::new("PID")
            .text(1, "1")
            .put(3, ids)
            .parts(5, &[person.family, entry.given, "", "", person.title(), "", "L"])
            .put(7, hl7_day(person.birth))
            .text(8, sex)
            .parts(11, &home)
            .text(13, &phone);
        if national.is_some() { pid.text(32, "01") } else { pid }
    }
}
