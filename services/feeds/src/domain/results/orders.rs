//! The orders of a patient's results: which segment belongs to which. A comment belongs to what stands before it.

use lcr_hl7::Segment;
use serde_json::Value;

use crate::domain::{groups::Group, notes::Notes, r4};

/// An order and what was found.
pub struct Order<'m> {
    pub request: Segment<'m>,
    /// ORC of the same order, where it came.
    pub control: Option<Segment<'m>>,
    /// Comments on the order as a whole.
    pub notes: Notes<'m>,
    pub parts: Vec<Part<'m>>,
    specimens: Vec<Segment<'m>>,
}

/// One OBX and the comments on it.
pub struct Part<'m> {
    pub obx: Segment<'m>,
    pub notes: Notes<'m>,
}

/// All orders of one patient.
#[derive(Default)]
pub struct Orders<'m> {
    pub all: Vec<Order<'m>>,
    pub about_the_patient: Notes<'m>,
    /// What came before the order that it belongs to: its ORC with comments, observations of the patient.
    control: Option<Segment<'m>>,
    notes: Notes<'m>,
    parts: Vec<Part<'m>>,
    last: Last,
}

/// What a comment that comes next belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Patient,
    /// ORC: the order that is to come.
    Control,
    Order,
    Observation,
}

impl<'m> Orders<'m> {
    pub fn of(group: &Group<'m>) -> Self {
        let mut orders = Self::default();
        for segment in group.segments() {
            orders.take(segment);
        }
        // Without an order after them they are comments on the last one.
        let (notes, parts) = (std::mem::take(&mut orders.notes), std::mem::take(&mut orders.parts));
        if let Some(last) = orders.all.last_mut() {
            last.notes.extend(notes);
            last.parts.extend(parts);
        }
        orders
    }

    fn take(&mut self, segment: Segment<'m>) {
        match segment.name() {
            "ORC" => (self.control, self.last) = (Some(segment), Last::Control),
            "OBR" => {
                self.all.push(Order {
                    request: segment,
                    control: self.control.take(),
                    notes: std::mem::take(&mut self.notes),
                    parts: std::mem::take(&mut self.parts),
                    specimens: vec![],
                });
                self.last = Last::Order;
            }
            "OBX" => {
                let part = Part { obx: segment, notes: Notes::default() };
                self.parts().push(part);
                self.last = Last::Observation;
            }
            "SPM" => {
                if let Some(order) = self.all.last_mut() {
                    order.specimens.push(segment);
                    self.last = Last::Order;
                }
            }
            "NTE" => self.comment(segment),
            // What stands between is about the order, but for what is about the patient or the visit.
            "PID" | "PD1" | "PV1" | "PV2" | "NK1" => self.last = Last::Patient,
            _ if self.last == Last::Observation => self.last = Last::Order,
            _ => {}
        }
    }

    fn parts(&mut self) -> &mut Vec<Part<'m>> {
        match self.all.last_mut() {
            Some(order) => &mut order.parts,
            None => &mut self.parts,
        }
    }

    fn comment(&mut self, note: Segment<'m>) {
        match self.last {
            Last::Patient => self.about_the_patient.push(note),
            Last::Control => self.notes.push(note),
            Last::Order => match self.all.last_mut() {
                Some(order) => order.notes.push(note),
                None => self.notes.push(note),
            },
            Last::Observation => {
                if let Some(part) = self.parts().last_mut() {
                    part.notes.push(note);
                }
            }
        }
    }
}

impl Order<'_> {
    /// What was examined: SPM-4 with the place it was taken from (SPM-8), else OBR-15.
    pub fn specimen(&self) -> Option<String> {
        let words = |segment: Segment<'_>, field| segment.field(field).first().and_then(r4::concept_words);
        let of_spm = |spm: &Segment<'_>| match (words(*spm, 4), words(*spm, 8)) {
            (Some(kind), Some(site)) => Some(format!("{kind} ({site})")),
            (kind, site) => kind.or(site),
        };
        let mut all: Vec<String> = self.specimens.iter().filter_map(of_spm).collect();
        all.dedup();
        if all.is_empty() { self.old_specimen() } else { Some(all.join(", ")) }
    }

    /// OBR-15: code and words are subcomponents of its first component; the site is the fourth.
    fn old_specimen(&self) -> Option<String> {
        let one = self.request.field(15).first()?;
        let kind = one.sub(1, 2).or_else(|| one.sub(1, 1));
        let site = one.sub(4, 2).or_else(|| one.sub(4, 1));
        match (kind.or_else(|| one.part_words(3)), site) {
            (Some(kind), Some(site)) => Some(format!("{kind} ({site})")),
            (kind, site) => kind.or(site),
        }
    }

    /// ORC-28: how confidential the order is.
    pub fn labels(&self) -> Vec<Value> {
        let label = self.control.and_then(|orc| r4::confidentiality(orc.field(28)));
        label.map_or(vec![], |mut label| r4::into_list(label["coding"].take()))
    }
}
