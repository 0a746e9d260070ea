//! The messages by which a hospital's system books an appointment (SIU) and refers a person (REF). Each must be complete and
//! give the ODS code of the clinic or of the receiver, because feeds reads it as evidence (`services/feeds/PROFILE.md`).

use jiff::{Timestamp, ToSpan};

use super::OutgoingMessage;
use super::envelope::{self, PatientSegment, Sender};
use super::segment::Segment;
use crate::care::CareGroup;
use crate::world::World;

/// The length of an appointment.
const MINUTES: i64 = 20;
/// Who books at the hospital (XCN).
const DESK: [&str; 2] = ["DESK", "Clinic desk"];

/// The trigger event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CareEvent {
    /// S12.
    Booked,
    /// S15.
    BookingCancelled,
    /// I12: a referral that its receiver has accepted.
    ReferralAccepted,
    /// I14.
    ReferralCancelled,
}

impl CareEvent {
    /// MSH-9: type with trigger event, and structure.
    fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::Booked => ("SIU^S12", "SIU_S12"),
            Self::BookingCancelled => ("SIU^S15", "SIU_S12"),
            Self::ReferralAccepted => ("REF^I12", "REF_I12"),
            Self::ReferralCancelled => ("REF^I14", "REF_I12"),
        }
    }
}

/// An event of one person's appointment or referral.
#[derive(Debug)]
pub(crate) struct CareNotice<'a> {
    /// The clinic's group, or the receiver's.
    pub(crate) group: &'a CareGroup,
    pub(crate) index: u32,
    pub(crate) event: CareEvent,
    /// When the appointment starts, or the referral was made.
    pub(crate) from: Timestamp,
    pub(crate) sent: Timestamp,
}

impl CareNotice<'_> {
    /// The message. None if the group's source sends no HL7 v2.
    pub(crate) fn write(&self, world: &World) -> Option<OutgoingMessage> {
        let source = self.group.source;
        let sender = source.sender()?;
        let own_number = world.local_id(source, self.index);
        let person = world.person(self.index);
        let patient = PatientSegment {
            world,
            sender,
            person: &person,
            own_number: &own_number,
            register: source,
            with_nhs_number: true,
        };
        let (header, patient) = (self.header(world, sender), patient.write().end());
        let text = match self.event {
            CareEvent::Booked | CareEvent::BookingCancelled => {
                let start = world.hl7(self.from);
                header + &self.schedule(world, sender, &own_number) + &patient + &self.resources(&start)
            }
            CareEvent::ReferralAccepted | CareEvent::ReferralCancelled => {
                header + &self.referral(world, sender, &own_number) + &self.providers() + &patient
            }
        };
        Some(OutgoingMessage { due: self.sent, system: source.id(), bytes: text.into_bytes() })
    }

    /// The control id contains the time, because a repeated id with other bytes would be an alarm.
    fn header(&self, world: &World, sender: Sender) -> String {
        let kind = self.event.kind();
        let drawn = world.rng(self.index, &format!("{} {}", kind.0, self.group.organisation)).next() >> 36;
        let (prefix, sent) = (self.group.source.id_prefix(), self.sent.as_millisecond());
        envelope::header(world, sender, kind, format!("{prefix}{drawn:07X}{sent:011X}"), self.sent)
    }

    /// SCH. A person has one appointment at most, so its number is made of the person's.
    fn schedule(&self, world: &World, (application, ..): Sender, own_number: &str) -> String {
        let end = self.from.checked_add(MINUTES.minutes()).unwrap_or(self.from);
        let (start, end) = (world.hl7(self.from), world.hl7(end));
        let is_booked = self.event == CareEvent::Booked;
        Segment::new("SCH")
            .parts(2, &[&format!("A{own_number}"), application])
            .parts(6, &["", if is_booked { "Appointment booked" } else { "Appointment cancelled" }])
            .parts(7, &["FOLLOWUP", "Follow-up visit", "HL70276"])
            .put(9, MINUTES.to_string())
            .text(10, "MIN")
            .parts(11, &["", "", &format!("M{MINUTES}"), &start, &end])
            .parts(16, &DESK)
            .parts(20, &DESK)
            .text(25, if is_booked { "Booked" } else { "Cancelled" })
            .end()
    }

    /// RGS, AIS and AIL: the clinic, and the place with the code of its organisation.
    fn resources(&self, start: &str) -> String {
        let place = ["OPD", "", "", self.group.organisation, "", "C", "", "", "Outpatient clinics"];
        let group = Segment::new("RGS").text(1, "1").end();
        let service = Segment::new("AIS")
            .text(1, "1")
            .parts(3, &["", self.group.team])
            .put(4, start)
            .put(7, MINUTES.to_string())
            .text(8, "MIN")
            .end();
        let location = Segment::new("AIL")
            .text(1, "1")
            .parts(3, &place)
            .put(6, start)
            .put(9, MINUTES.to_string())
            .text(10, "MIN")
            .end();
        group + &service + &location
    }

    /// RF1. A person has one referral at most, so its number is made of the person's.
    fn referral(&self, world: &World, (application, ..): Sender, own_number: &str) -> String {
        let rf1 = Segment::new("RF1")
            .parts(2, &["R", "Routine", "HL70280"])
            .parts(3, &["", &format!("Referral to {}", self.group.team.to_lowercase())])
            .parts(5, &["O", "Outpatient", "HL70284"])
            .parts(6, &[&format!("R{own_number}"), application])
            .put(7, world.hl7(self.from));
        // The table of statuses has none for a cancelled referral: the trigger event says it.
        if self.event == CareEvent::ReferralAccepted {
            return rf1.parts(1, &["A", "Accepted", "HL70283"]).end();
        }
        rf1.end()
    }

    /// The PRD of the hospital and that of the receiver, each with its ODS code.
    fn providers(&self) -> String {
        let provider = |role: [&str; 3], place: &str, code: &str| {
            Segment::new("PRD").parts(1, &role).parts(4, &[place, "", "", code]).parts(7, &[code, "ODS"]).end()
        };
        let (code, name) = self.group.source.owner();
        provider(["RP", "Referring provider", "HL70286"], name, code)
            + &provider(["RT", "Referred to provider", "HL70286"], self.group.team, self.group.organisation)
    }
}
