//! Assigns the segments of a patient's results to orders. A comment belongs to the segment before it and must never be
//! lost.

use lcr_hl7::Segment;
use serde_json::Value;

use crate::domain::{fhir_json, notes::Notes, segment_groups::SegmentGroup};

/// An order with its observations.
pub struct Order<'m> {
    pub request: Segment<'m>,
    /// The order's ORC, if any.
    pub control: Option<Segment<'m>>,
    /// Comments on the whole order.
    pub notes: Notes<'m>,
    pub observations: Vec<ObxWithNotes<'m>>,
    specimens: Vec<Segment<'m>>,
}

/// One OBX and the comments on it.
pub struct ObxWithNotes<'m> {
    pub obx: Segment<'m>,
    pub notes: Notes<'m>,
}

/// All orders of one patient.
#[derive(Default)]
pub struct Orders<'m> {
    pub all: Vec<Order<'m>>,
    pub patient_notes: Notes<'m>,
    /// The ORC of an order whose OBR has not come yet.
    control: Option<Segment<'m>>,
    /// Comments and observations before the first order.
    notes: Notes<'m>,
    observations: Vec<ObxWithNotes<'m>>,
    comment_target: CommentTarget,
}

/// The subject of the next comment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum CommentTarget {
    #[default]
    Patient,
    /// The order that follows this ORC.
    Control,
    Order,
    Observation,
}

impl<'m> Orders<'m> {
    pub fn of(group: &SegmentGroup<'m>) -> Self {
        let mut orders = Self::default();
        for segment in group.segments() {
            orders.add_segment(segment);
        }
        // No order follows, so these belong to the last one.
        let (notes, observations) = (std::mem::take(&mut orders.notes), std::mem::take(&mut orders.observations));
        if let Some(last) = orders.all.last_mut() {
            last.notes.extend(notes);
            last.observations.extend(observations);
        }
        orders
    }

    fn add_segment(&mut self, segment: Segment<'m>) {
        match segment.name() {
            "ORC" => (self.control, self.comment_target) = (Some(segment), CommentTarget::Control),
            "OBR" => {
                self.all.push(Order {
                    request: segment,
                    control: self.control.take(),
                    notes: std::mem::take(&mut self.notes),
                    observations: std::mem::take(&mut self.observations),
                    specimens: vec![],
                });
                self.comment_target = CommentTarget::Order;
            }
            "OBX" => {
                let observation = ObxWithNotes { obx: segment, notes: Notes::default() };
                self.observations_mut().push(observation);
                self.comment_target = CommentTarget::Observation;
            }
            "SPM" => {
                if let Some(order) = self.all.last_mut() {
                    order.specimens.push(segment);
                    self.comment_target = CommentTarget::Order;
                }
            }
            "NTE" => self.add_comment(segment),
            // Other segments belong to the order, except those about the patient or the visit.
            "PID" | "PD1" | "PV1" | "PV2" | "NK1" => self.comment_target = CommentTarget::Patient,
            _ if self.comment_target == CommentTarget::Observation => {
                self.comment_target = CommentTarget::Order;
            }
            _ => {}
        }
    }

    fn observations_mut(&mut self) -> &mut Vec<ObxWithNotes<'m>> {
        match self.all.last_mut() {
            Some(order) => &mut order.observations,
            None => &mut self.observations,
        }
    }

    fn add_comment(&mut self, note: Segment<'m>) {
        match self.comment_target {
            CommentTarget::Patient => self.patient_notes.push(note),
            CommentTarget::Control => self.notes.push(note),
            CommentTarget::Order => match self.all.last_mut() {
                Some(order) => order.notes.push(note),
                None => self.notes.push(note),
            },
            CommentTarget::Observation => {
                if let Some(observation) = self.observations_mut().last_mut() {
                    observation.notes.push(note);
                }
            }
        }
    }
}

impl Order<'_> {
    /// The specimen with its source site: SPM-4 and SPM-8, else OBR-15.
    pub fn specimen(&self) -> Option<String> {
        let words = |segment: Segment<'_>, field| segment.field(field).first().and_then(fhir_json::concept_words);
        let of_spm = |spm: &Segment<'_>| match (words(*spm, 4), words(*spm, 8)) {
            (Some(kind), Some(site)) => Some(format!("{kind} ({site})")),
            (kind, site) => kind.or(site),
        };
        let mut all: Vec<String> = self.specimens.iter().filter_map(of_spm).collect();
        all.dedup();
        if all.is_empty() { self.old_specimen() } else { Some(all.join(", ")) }
    }

    /// OBR-15: type in the subcomponents of the first component, site in the fourth.
    fn old_specimen(&self) -> Option<String> {
        let one = self.request.field(15).first()?;
        let kind = one.subcomponent(1, 2).or_else(|| one.subcomponent(1, 1));
        let site = one.subcomponent(4, 2).or_else(|| one.subcomponent(4, 1));
        match (kind.or_else(|| one.component_text(3)), site) {
            (Some(kind), Some(site)) => Some(format!("{kind} ({site})")),
            (kind, site) => kind.or(site),
        }
    }

    /// The confidentiality labels of the order (ORC-28).
    pub fn labels(&self) -> Vec<Value> {
        let label = self.control.and_then(|orc| fhir_json::confidentiality(orc.field(28)));
        label.map_or(vec![], |mut label| fhir_json::into_list(label["coding"].take()))
    }
}
