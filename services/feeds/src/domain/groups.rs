//! The people of a message: each PID with the segments that follow it up to the next. Most messages have one;
//! a swap has two, a merge or a batch of results any number.

use lcr_hl7::{Condition, Fault, Field, Message, Segment};

/// One PID and what belongs to it.
#[derive(Debug)]
pub struct Group<'m> {
    message: &'m Message,
    pub segments: Vec<Segment<'m>>,
}

impl<'m> Group<'m> {
    pub fn first(&self, name: &str) -> Option<Segment<'m>> {
        self.segments.iter().copied().find(|segment| segment.name() == name)
    }

    pub fn field(&self, name: &str, number: usize) -> Field<'m> {
        self.first(name).map_or(self.message.nothing(), |segment| segment.field(number))
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = Segment<'m>> {
        self.segments.iter().copied().filter(move |segment| segment.name() == name)
    }

    /// The how-manieth PID of the message this is.
    pub fn occurrence(&self) -> usize {
        self.first("PID").map_or(1, Segment::occurrence)
    }
}

/// The groups of a message; none when nobody is named.
pub fn groups(message: &Message) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = vec![];
    for segment in message.segments() {
        if segment.name() == "PID" {
            groups.push(Group { message, segments: vec![segment] });
        } else if let Some(group) = groups.last_mut() {
            group.segments.push(segment);
        }
    }
    groups
}

/// A segment that the type demands.
pub fn missing(segment: &str, words: &str) -> Fault {
    Fault::in_segment(Condition::RequiredField, segment, 1, words)
}
