//! A field as it was sent: absent, deleted (`""`) or told, with its repetitions, components and subcomponents.
//! Numbers are HL7's own and start at 1. Values come out with their escapes read.

use lcr_contracts::spell::Told;

use crate::{escape, message::Message};

/// How a sender writes "delete it".
const NULL: &str = "\"\"";

/// One field; one that the segment is too short for is absent.
#[derive(Clone, Copy)]
pub struct Field<'m> {
    pub(crate) field: Option<&'m er7::Field>,
    pub(crate) of: &'m Message,
}

/// One repetition of a field.
#[derive(Clone, Copy)]
pub struct Repetition<'m> {
    repetition: &'m er7::Repetition,
    of: &'m Message,
}

impl<'m> Field<'m> {
    /// The repetitions that say something.
    pub fn repetitions(self) -> impl Iterator<Item = Repetition<'m>> {
        let all = self.field.map_or(&[][..], |field| &field.repetitions);
        let of = self.of;
        all.iter().map(move |repetition| Repetition { repetition, of }).filter(|one| !one.is_empty())
    }

    /// The first of them.
    pub fn first(self) -> Option<Repetition<'m>> {
        self.repetitions().next()
    }

    /// The first component of the first repetition.
    pub fn code(self) -> Option<String> {
        self.first()?.part(1)
    }

    /// The first repetition as text, its delimiters taken for characters.
    pub fn words(self) -> Option<String> {
        self.first()?.words()
    }

    /// Every repetition as a line of text.
    pub fn lines(self) -> Option<String> {
        let lines: Vec<String> = self.repetitions().filter_map(Repetition::words).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Exactly as it was written, escapes and all, for sending it back.
    pub(crate) fn raw(self) -> String {
        let written = self.field.map(|field| field.to_er7(self.of.separators())).unwrap_or_default();
        written.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }

    /// Whether the sender asks for what is known to be deleted.
    pub fn is_deleted(self) -> bool {
        self.first().is_some_and(Repetition::is_deleted)
    }

    /// In three states. A value that does not read is odd, not a deletion: it changes nothing.
    pub fn told<T>(self, read: impl FnOnce(Repetition<'m>) -> Option<T>) -> Told<T> {
        match self.first() {
            None => Told::Unchanged,
            Some(one) if one.is_deleted() => Told::Deleted,
            Some(one) => read(one).map_or(Told::Unchanged, Told::Set),
        }
    }

    /// The first component, in three states.
    pub fn told_code(self) -> Told<String> {
        self.told(|one| one.part(1))
    }
}

impl<'m> Repetition<'m> {
    /// A component (its first subcomponent), trimmed; `None` when empty or `""`.
    pub fn part(self, component: usize) -> Option<String> {
        self.sub(component, 1)
    }

    /// A subcomponent, trimmed; `None` when empty or `""`.
    pub fn sub(self, component: usize, subcomponent: usize) -> Option<String> {
        let raw = &self.repetition.component(component)?.subcomponent(subcomponent)?.raw;
        self.read(raw)
    }

    /// A whole component as text: an ampersand that should have been escaped is an ampersand.
    pub fn part_words(self, component: usize) -> Option<String> {
        let parts = &self.repetition.component(component)?.subcomponents;
        let raws: Vec<&str> = parts.iter().map(|part| part.raw.as_str()).collect();
        self.read(&raws.join(&self.of.separators().subcomponent.to_string()))
    }

    /// All of it as text.
    pub fn words(self) -> Option<String> {
        self.read(&self.repetition.to_er7(self.of.separators()))
    }

    pub fn components(self) -> usize {
        self.repetition.components.len()
    }

    fn read(self, raw: &str) -> Option<String> {
        let text = escape::text(raw, self.of.separators(), self.of.charset());
        let text = text.trim();
        (!text.is_empty() && text != NULL).then(|| text.to_owned())
    }

    fn is_empty(self) -> bool {
        self.leaves().all(|leaf| leaf.raw.trim().is_empty())
    }

    /// `""` and nothing else.
    fn is_deleted(self) -> bool {
        let mut said = self.leaves().filter(|leaf| !leaf.raw.trim().is_empty()).peekable();
        said.peek().is_some() && said.all(|leaf| leaf.raw.trim() == NULL)
    }

    fn leaves(self) -> impl Iterator<Item = &'m er7::Subcomponent> {
        self.repetition.components.iter().flat_map(|component| &component.subcomponents)
    }
}

impl std::fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Field(…)")
    }
}

impl std::fmt::Debug for Repetition<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Repetition(…)")
    }
}
