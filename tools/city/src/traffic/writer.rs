//! Writes a planned message as HL7 v2.4 in the sender's profile (`services/feeds/PROFILE.md`). Personal details must equal
//! those in the hospital's register, so that messages and FHIR source agree.

use super::envelope::{self, PatientSegment, Sender, hospital_number};
use super::laboratory::order;
use super::planned_message::{MessageKind, PlannedMessage};
use super::segment::{Segment, components};
use crate::hospital::Place;
use crate::plan::Source;
use crate::stays::{Stay, StayKind};
use crate::world::{Person, World};

mod discharge;

/// Writes the messages of one stay.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) world: &'a World,
    pub(super) stay: &'a Stay,
    person: Person,
    sender: Sender,
}

impl<'a> Writer<'a> {
    /// None if the source sends no messages.
    pub(super) fn of(world: &'a World, stay: &'a Stay) -> Option<Self> {
        Some(Self { world, stay, person: world.person(stay.index), sender: stay.source.sender()? })
    }

    pub(super) fn bytes(&self, message: &PlannedMessage) -> Vec<u8> {
        let (kind, structure) = kind(message.kind);
        let mut text = self.header(message, kind, structure);
        match message.kind {
            MessageKind::AddPerson | MessageKind::UpdatePerson => {
                text += &self.event(message);
                text += &self.patient(message, message.kind == MessageKind::AddPerson);
                text += &Segment::new("PV1").text(1, "1").text(2, "N").end();
            }
            MessageKind::Merge => {
                text += &self.event(message);
                text += &self.patient(message, false);
                text += &Segment::new("MRG").put(1, hospital_number(self.sender, &self.former_number())).end();
            }
            // Taken as an out-patient before the stay, so there is no PV1.
            MessageKind::Inr => {
                text += &self.patient(message, false);
                text += &order(self.world, self.stay, message);
            }
            MessageKind::Bloods | MessageKind::Culture(_) => {
                text += &self.patient(message, false);
                text += &self.visit(message);
                text += &order(self.world, self.stay, message);
            }
            MessageKind::Letter => {
                text += &self.event(message);
                text += &self.patient(message, false);
                text += &self.visit(message);
                text += &self.letter(message);
            }
            _ => {
                text += &self.event(message);
                text += &self.patient(message, false);
                text += &self.visit(message);
                text += &self.expected(message);
                text += &message.plan.as_ref().map(|plan| self.plan(plan)).unwrap_or_default();
            }
        }
        text.into_bytes()
    }

    fn header(&self, message: &PlannedMessage, kind: &str, structure: &str) -> String {
        let story = self.stay.rng(self.world, "control").next() >> 16;
        let control = format!("{}{story:012X}{:05X}", self.stay.source.id_prefix(), message.number % 0x10_0000);
        envelope::header(self.world, self.sender, (kind, structure), control, message.sent)
    }

    fn event(&self, message: &PlannedMessage) -> String {
        Segment::new("EVN").put(2, self.world.hl7(message.sent)).put(6, self.world.hl7(message.happened)).end()
    }

    /// The temporary number that a person had before the merge.
    fn former_number(&self) -> String {
        let drawn = self.stay.rng(self.world, "former number").below(1_000_000);
        format!("{}T{drawn:06}", self.stay.source.id_prefix())
    }

    fn patient(&self, message: &PlannedMessage, unknown: bool) -> String {
        // An update (A31) has the details of the demographics authority.
        let is_update = message.kind == MessageKind::UpdatePerson;
        let local = self.world.local_id(self.stay.source, self.stay.index);
        let own_number = if unknown { self.former_number() } else { local };
        let patient = PatientSegment {
            world: self.world,
            sender: self.sender,
            person: &self.person,
            own_number: &own_number,
            register: if is_update { Source::Authority } else { self.stay.source },
            with_nhs_number: !unknown,
        };
        let mut pid = patient.write();
        if self.stay.died && matches!(message.kind, MessageKind::Discharge | MessageKind::Letter) {
            pid = pid.put(29, self.world.hl7(message.happened)).text(30, "Y");
        }
        pid.end()
    }

    fn visit(&self, message: &PlannedMessage) -> String {
        let stay = self.stay;
        let specialty = message.place.ward.specialty();
        let who = stay.consultant;
        let consultant = components(&[who.code, who.family, who.given, "", "", who.title, "", "", "GMC"]);
        let mut pv1 = Segment::new("PV1")
            .text(1, "1")
            .text(2, self.class(message))
            .put(3, self.place(&message.place))
            .text(4, self.method())
            .put(if self.sender.2 { 9 } else { 7 }, consultant)
            .parts(10, &[specialty.code, specialty.name])
            .text(14, "19")
            .parts(19, &[&stay.visit, "", "", self.sender.1, "VISITID"]);
        if let Some(prior) = &message.prior {
            pv1 = pv1.put(6, self.place(prior));
        }
        if message.kind != MessageKind::Register {
            pv1 = pv1.put(44, self.world.hl7(stay.admitted));
        }
        if message.kind == MessageKind::Discharge {
            let (method, to) = self.leaving();
            pv1 = pv1.text(36, method).text(37, to).put(45, self.world.hl7(message.happened));
        }
        pv1.end()
    }

    fn class(&self, message: &PlannedMessage) -> &'static str {
        match self.stay.kind {
            _ if message.kind == MessageKind::Register => "E",
            StayKind::Attender if message.kind != MessageKind::ToInpatient => "E",
            StayKind::DayCase => "DAY CASE",
            _ => "I",
        }
    }

    /// The admission method (national code).
    fn method(&self) -> &'static str {
        match self.stay.kind {
            _ if self.stay.attended.is_some() => "21",
            StayKind::Ward => "12",
            StayKind::MentalHealth => "25",
            StayKind::DayCase => "11",
            StayKind::CommunityBed | StayKind::Attender => "81",
        }
    }

    /// The discharge method and destination (national codes).
    fn leaving(&self) -> (&'static str, &'static str) {
        match self.stay.pathway {
            _ if self.stay.died => ("4", "79"),
            "P2" if self.stay.kind == StayKind::Ward => ("1", "51"),
            "P3" => ("1", "55"),
            _ => ("1", "19"),
        }
    }

    /// PV1-3. Default profile: ward, bay, bed, site. ITK profile: point of care, ward, bed, organisation.
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

/// MSH-9: type with trigger event, and structure.
fn kind(kind: MessageKind) -> (&'static str, &'static str) {
    match kind {
        MessageKind::Register => ("ADT^A04", "ADT_A01"),
        MessageKind::Admit => ("ADT^A01", "ADT_A01"),
        MessageKind::ToInpatient => ("ADT^A06", "ADT_A06"),
        MessageKind::Transfer => ("ADT^A02", "ADT_A02"),
        MessageKind::Update => ("ADT^A08", "ADT_A01"),
        MessageKind::LeaveOut => ("ADT^A21", "ADT_A21"),
        MessageKind::LeaveBack => ("ADT^A22", "ADT_A21"),
        MessageKind::Discharge => ("ADT^A03", "ADT_A03"),
        MessageKind::CancelAdmit => ("ADT^A11", "ADT_A09"),
        MessageKind::CancelTransfer => ("ADT^A12", "ADT_A09"),
        MessageKind::CancelDischarge => ("ADT^A13", "ADT_A01"),
        MessageKind::AddPerson => ("ADT^A28", "ADT_A05"),
        MessageKind::UpdatePerson => ("ADT^A31", "ADT_A05"),
        MessageKind::Merge => ("ADT^A40", "ADT_A39"),
        MessageKind::Bloods | MessageKind::Culture(_) | MessageKind::Inr => ("ORU^R01", "ORU_R01"),
        MessageKind::Letter => ("MDM^T02", "MDM_T02"),
    }
}
