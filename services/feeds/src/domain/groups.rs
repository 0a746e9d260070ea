//! The people of a message: each PID with the segments that follow it up to the next. Most messages have one;
//! a swap has two, a merge or a batch of results any number. A segment is found by its name without walking over the
//! others, so that a group of thousands costs no more for each.

use std::collections::HashMap;

use lcr_hl7::{Condition, Fault, Field, Message, Segment};

/// One PID and what belongs to it.
#[derive(Debug)]
pub struct Group<'m> {
    message: &'m Message,
    segments: Vec<Segment<'m>>,
    by_name: HashMap<&'m str, Vec<usize>>,
}

impl<'m> Group<'m> {
    fn new(message: &'m Message) -> Self {
        Self { message, segments: vec![], by_name: HashMap::new() }
    }

    fn push(&mut self, segment: Segment<'m>) {
        self.by_name.entry(segment.name()).or_default().push(self.segments.len());
        self.segments.push(segment);
    }

    /// Every segment, in the order they came.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'m>> {
        self.segments.iter().copied()
    }

    pub fn first(&self, name: &str) -> Option<Segment<'m>> {
        self.all(name).next()
    }

    pub fn field(&self, name: &str, number: usize) -> Field<'m> {
        self.first(name).map_or(self.message.nothing(), |segment| segment.field(number))
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = Segment<'m>> {
        let places = self.by_name.get(name).into_iter().flatten();
        places.filter_map(|at| self.segments.get(*at).copied())
    }

    /// The occurrence number of its PID in the message.
    pub fn occurrence(&self) -> usize {
        self.first("PID").map_or(1, Segment::occurrence)
    }
}

/// The groups of a message; none when nobody is named.
pub fn groups(message: &Message) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = vec![];
    for segment in message.segments() {
        if segment.name() == "PID" {
            groups.push(Group::new(message));
        }
        if let Some(group) = groups.last_mut() {
            group.push(segment);
        }
    }
    groups
}

/// A segment that the type demands.
pub fn missing(segment: &str, words: &str) -> Fault {
    Fault::in_segment(Condition::RequiredField, segment, 1, words)
}
