//! A beat as the bytes of an HL7 v2.4 message, in the sender's own profile (`services/feeds/PROFILE.md`). It says of a
//! person what that hospital's register says, so that its messages and its FHIR source are about the same people.

use super::beat::{Beat, What};
use super::laboratory::order;
use super::segment::{Segment, components, hl7_day};
use crate::hospital::Place;
use crate::plan::Source;
use crate::stays::{Kind, Stay};
use crate::world::{Person, Sex, World};

mod told;

/// One story's messages.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) world: &'a World,
    pub(super) stay: &'a Stay,
    person: Person,
    /// MSH-3, MSH-4 and whether the ITK profile is followed.
    sender: (&'static str, &'static str, bool),
}

impl<'a> Writer<'a> {
    /// None for a system that sends nothing.
    pub(super) fn of(world: &'a World, stay: &'a Stay) -> Option<Self> {
        Some(Self { world, stay, person: world.person(stay.index), sender: stay.source.sender()? })
    }

    pub(super) fn bytes(&self, beat: &Beat) -> Vec<u8> {
        let (kind, structure) = kind(beat.what);
        let mut text = self.header(beat, kind, structure);
        match beat.what {
            What::AddPerson | What::UpdatePerson => {
                text += &self.event(beat);
                text += &self.patient(beat, beat.what == What::AddPerson);
                text += &Segment::new("PV1").text(1, "1").text(2, "N").end();
            }
            What::Merge => {
                text += &self.event(beat);
                text += &self.patient(beat, false);
                text += &Segment::new("MRG").put(1, self.number(&self.former_number())).end();
            }
            // Done as an out-patient, before the stay.
            What::Inr => {
                text += &self.patient(beat, false);
                text += &order(self.world, self.stay, beat);
            }
            What::Bloods | What::Culture(_) => {
                text += &self.patient(beat, false);
                text += &self.visit(beat);
                text += &order(self.world, self.stay, beat);
            }
            What::Letter => {
                text += &self.event(beat);
                text += &self.patient(beat, false);
                text += &self.visit(beat);
                text += &self.letter(beat);
            }
            _ => {
                text += &self.event(beat);
                text += &self.patient(beat, false);
                text += &self.visit(beat);
                text += &self.expected(beat);
                text += &beat.plan.as_ref().map(|plan| self.plan(plan)).unwrap_or_default();
            }
        }
        text.into_bytes()
    }

    fn header(&self, beat: &Beat, kind: &str, structure: &str) -> String {
        let (application, facility, _) = self.sender;
        let story = self.stay.dice(self.world, "control").next() >> 16;
        let control = format!("{}{story:012X}{:05X}", self.stay.source.letters(), beat.number % 0x10_0000);
        Segment::new("MSH")
            .put(2, "^~\\&")
            .text(3, application)
            .text(4, facility)
            .text(5, "LCR")
            .text(6, "LCR")
            .put(7, self.world.hl7(beat.sent))
            .put(9, if structure.is_empty() { kind.to_owned() } else { format!("{kind}^{structure}") })
            .put(10, control)
            .text(11, "P")
            .text(12, "2.4")
            .text(17, "GBR")
            .end()
    }

    fn event(&self, beat: &Beat) -> String {
        Segment::new("EVN").put(2, self.world.hl7(beat.sent)).put(6, self.world.hl7(beat.happened)).end()
    }

    /// A number of the hospital's own.
    fn number(&self, number: &str) -> String {
        components(&[number, "", "", self.sender.1, "MR"])
    }

    /// The number somebody was given at the desk before they were found under their own.
    fn former_number(&self) -> String {
        let drawn = self.stay.dice(self.world, "former number").below(1_000_000);
        format!("{}T{drawn:06}", self.stay.source.letters())
    }

    fn patient(&self, beat: &Beat, unknown: bool) -> String {
        let person = &self.person;
        // An update brings what the demographics authority knows.
        let traced = beat.what == What::UpdatePerson;
        let register = if traced { Source::Authority } else { self.stay.source };
        let entry = person.known_by(register, self.world);
        let local = self.world.local_id(self.stay.source, self.stay.index);
        let own = self.number(&if unknown { self.former_number() } else { local });
        let national = entry.number.filter(|_| !unknown);
        let ids = national.map_or(own.clone(), |number| format!("{own}~{number}^^^NHS^NH"));
        let sex = match (person.sex, self.sender.2) {
            (Sex::Female, false) => "F",
            (Sex::Male, false) => "M",
            (Sex::Female, true) => "2",
            (Sex::Male, true) => "1",
        };
        let house = format!("{} {}", entry.address.house, entry.address.street);
        let home = [house.as_str(), entry.address.part, "Leeds", "", &entry.address.postcode(), "GBR", "H"];
        let (phone, _) = self.world.telephones(self.stay.index);
        let mut pid = Segment::new("PID")
            .text(1, "1")
            .put(3, ids)
            .parts(5, &[person.family, entry.given, "", "", person.title(), "", "L"])
            .put(7, hl7_day(person.birth))
            .text(8, sex)
            .parts(11, &home)
            .text(13, &phone);
        if self.stay.died && matches!(beat.what, What::Discharge | What::Letter) {
            pid = pid.put(29, self.world.hl7(beat.happened)).text(30, "Y");
        }
        if national.is_some() {
            pid = pid.text(32, "01");
        }
        pid.end()
    }

    fn visit(&self, beat: &Beat) -> String {
        let stay = self.stay;
        let specialty = beat.place.ward.specialty();
        let who = stay.consultant;
        let consultant = components(&[who.code, who.family, who.given, "", "", who.title, "", "", "GMC"]);
        let mut pv1 = Segment::new("PV1")
            .text(1, "1")
            .text(2, self.class(beat))
            .put(3, self.place(&beat.place))
            .text(4, self.method())
            .put(if self.sender.2 { 9 } else { 7 }, consultant)
            .parts(10, &[specialty.code, specialty.name])
            .text(14, "19")
            .parts(19, &[&stay.visit, "", "", self.sender.1, "VISITID"]);
        if let Some(prior) = &beat.prior {
            pv1 = pv1.put(6, self.place(prior));
        }
        if beat.what != What::Register {
            pv1 = pv1.put(44, self.world.hl7(stay.admitted));
        }
        if beat.what == What::Discharge {
            let (method, to) = self.leaving();
            pv1 = pv1.text(36, method).text(37, to).put(45, self.world.hl7(beat.happened));
        }
        pv1.end()
    }

    fn class(&self, beat: &Beat) -> &'static str {
        match self.stay.kind {
            _ if beat.what == What::Register => "E",
            Kind::Attender if beat.what != What::ToInpatient => "E",
            Kind::DayCase => "DAY CASE",
            _ => "I",
        }
    }

    /// Admission method (national codes): by the emergency department, or as planned.
    fn method(&self) -> &'static str {
        match self.stay.kind {
            _ if self.stay.attended.is_some() => "21",
            Kind::Ward => "12",
            Kind::MentalHealth => "25",
            Kind::DayCase => "11",
            Kind::CommunityBed | Kind::Attender => "81",
        }
    }

    /// Discharge method and destination.
    fn leaving(&self) -> (&'static str, &'static str) {
        match self.stay.pathway {
            _ if self.stay.died => ("4", "79"),
            "P2" if self.stay.kind == Kind::Ward => ("1", "51"),
            "P3" => ("1", "55"),
            _ => ("1", "19"),
        }
    }

    /// Default: ward, bay, bed, site. ITK: point of care, ward, bed, organisation.
    fn place(&self, place: &Place) -> String {
        let bay = place.bay.map(|bay| format!("Bay {bay}")).unwrap_or_default();
        let bed = place.bed.map(|bed| bed.to_string()).unwrap_or_default();
        if self.sender.2 {
            let bed = if bay.is_empty() { bed } else { format!("{} {bed}", bay.replace("Bay ", "")) };
            return components(&[self.sender.1, place.ward.code, &bed, place.ward.site]);
        }
        components(&[place.ward.code, &bay, &bed, place.ward.site])
    }
}

/// MSH-9: type and trigger, and the structure.
fn kind(what: What) -> (&'static str, &'static str) {
    match what {
        What::Register => ("ADT^A04", "ADT_A01"),
        What::Admit => ("ADT^A01", "ADT_A01"),
        What::ToInpatient => ("ADT^A06", "ADT_A06"),
        What::Transfer => ("ADT^A02", "ADT_A02"),
        What::Update => ("ADT^A08", "ADT_A01"),
        What::LeaveOut => ("ADT^A21", "ADT_A21"),
        What::LeaveBack => ("ADT^A22", "ADT_A21"),
        What::Discharge => ("ADT^A03", "ADT_A03"),
        What::CancelAdmit => ("ADT^A11", "ADT_A09"),
        What::CancelTransfer => ("ADT^A12", "ADT_A09"),
        What::CancelDischarge => ("ADT^A13", "ADT_A01"),
        What::AddPerson => ("ADT^A28", "ADT_A05"),
        What::UpdatePerson => ("ADT^A31", "ADT_A05"),
        What::Merge => ("ADT^A40", "ADT_A39"),
        What::Bloods | What::Culture(_) | What::Inr => ("ORU^R01", "ORU_R01"),
        What::Letter => ("MDM^T02", "MDM_T02"),
    }
}
