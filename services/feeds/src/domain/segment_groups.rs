//! Groups of segments, one per patient: a PID and all segments up to the next PID. Most messages have one group; a swap
//! has two, a merge or a batch of results any number. Look-up by name must stay constant-time, because a group may have
//! thousands of segments.

use std::collections::HashMap;

use lcr_hl7::{Condition, Fault, Field, Message, Segment};

/// One PID and the segments that follow it.
#[derive(Debug)]
pub struct SegmentGroup<'m> {
    message: &'m Message,
    segments: Vec<Segment<'m>>,
    by_name: HashMap<&'m str, Vec<usize>>,
}

impl<'m> SegmentGroup<'m> {
    fn new(message: &'m Message) -> Self {
        Self { message, segments: vec![], by_name: HashMap::new() }
    }

    fn push(&mut self, segment: Segment<'m>) {
        self.by_name.entry(segment.name()).or_default().push(self.segments.len());
        self.segments.push(segment);
    }

    /// Every segment, in message order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'m>> {
        self.segments.iter().copied()
    }

    pub fn first(&self, name: &str) -> Option<Segment<'m>> {
        self.all(name).next()
    }

    pub fn field(&self, name: &str, number: usize) -> Field<'m> {
        self.first(name).map_or(self.message.absent_field(), |segment| segment.field(number))
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = Segment<'m>> {
        let positions = self.by_name.get(name).into_iter().flatten();
        positions.filter_map(|at| self.segments.get(*at).copied())
    }

    /// The occurrence number of the group's PID in the message.
    pub fn occurrence(&self) -> usize {
        self.first("PID").map_or(1, Segment::occurrence)
    }
}

/// The groups of a message. Empty if the message has no PID.
pub fn segment_groups(message: &Message) -> Vec<SegmentGroup<'_>> {
    let mut groups: Vec<SegmentGroup<'_>> = vec![];
    for segment in message.segments() {
        if segment.name() == "PID" {
            groups.push(SegmentGroup::new(message));
        }
        if let Some(group) = groups.last_mut() {
            group.push(segment);
        }
    }
    groups
}

/// The fault for a required segment that is missing.
pub fn missing_segment(segment: &str, words: &str) -> Fault {
    Fault::in_segment(Condition::RequiredField, segment, 1, words)
}
