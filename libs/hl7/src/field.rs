//! A field as sent: absent, deleted (`""`) or set, with its repetitions, components and subcomponents. Numbers are those of
//! HL7 and start at 1. Values are unescaped; `Debug` must never print them.

use jiff::Timestamp;
use lcr_contracts::spell::FieldUpdate;

use crate::{escape, message::Message, time};

/// A longer field cannot be a time, and is not parsed again for each person of a message.
const MAX_TIME_LENGTH: usize = 200;

/// How a sender writes that a value is deleted.
const NULL: &str = "\"\"";

/// One field. It is absent if it is empty or the segment is too short.
#[derive(Clone, Copy)]
pub struct Field<'m> {
    raw: &'m str,
    of: &'m Message,
}

/// One repetition of a field.
#[derive(Clone, Copy)]
pub struct Repetition<'m> {
    raw: &'m str,
    of: &'m Message,
}

impl<'m> Field<'m> {
    pub(crate) fn new(raw: &'m str, of: &'m Message) -> Self {
        Self { raw, of }
    }

    /// The repetitions that are not empty.
    pub fn repetitions(self) -> impl Iterator<Item = Repetition<'m>> {
        self.all_repetitions().filter(|one| !one.is_empty())
    }

    /// The first repetition that is not empty.
    pub fn first(self) -> Option<Repetition<'m>> {
        self.repetitions().next()
    }

    /// The first component of the first repetition.
    pub fn code(self) -> Option<String> {
        self.first()?.component(1)
    }

    /// The first component of the first repetition as a timestamp.
    pub fn timestamp(self) -> Option<Timestamp> {
        time::parse_timestamp(&self.time_text()?)
    }

    /// The first component of the first repetition, unless it is too long for a time.
    pub fn time_text(self) -> Option<String> {
        if self.raw.len() > MAX_TIME_LENGTH { None } else { self.code() }
    }

    /// The first repetition as text, with delimiters as plain characters.
    pub fn first_text(self) -> Option<String> {
        self.first()?.text()
    }

    /// Every repetition as a line of text. Empty lines and leading spaces stay, because they lay out tables.
    pub fn text(self) -> Option<String> {
        let lines: Vec<String> = self.all_repetitions().map(Repetition::line).collect();
        let text = lines.join("\n");
        let text = text.trim_end();
        (!text.is_empty() && text != NULL).then(|| text.to_owned())
    }

    fn all_repetitions(self) -> impl Iterator<Item = Repetition<'m>> {
        let (of, has_content) = (self.of, !self.raw.is_empty());
        let all = has_content.then(|| self.raw.split(of.separators().repetition));
        all.into_iter().flatten().map(move |raw| Repetition { raw, of })
    }

    /// One subcomponent of every repetition, exactly as written.
    #[cfg(test)]
    pub(crate) fn all_raw(self, component: usize, subcomponent: usize) -> impl Iterator<Item = &'m str> {
        let separator = self.of.separators().subcomponent;
        let leaf = move |part: &'m str| part.split(separator).nth(subcomponent - 1).unwrap_or_default();
        self.all_repetitions().map(move |one| one.raw_component(component).map_or("", leaf))
    }

    /// The field as written, with its escapes, to send back. Control characters other than tabs become spaces.
    pub(crate) fn raw(self) -> String {
        self.raw.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
    }

    /// Whether the sender deletes the value.
    pub fn is_deleted(self) -> bool {
        self.first().is_some_and(Repetition::is_deleted)
    }

    /// The update that the field makes. A value that cannot be read is not a deletion: it changes nothing.
    pub fn field_update<T>(self, read: impl FnOnce(Repetition<'m>) -> Option<T>) -> FieldUpdate<T> {
        match self.first() {
            None => FieldUpdate::Unchanged,
            Some(one) if one.is_deleted() => FieldUpdate::Deleted,
            Some(one) => read(one).map_or(FieldUpdate::Unchanged, FieldUpdate::Set),
        }
    }

    /// The update that the first component makes.
    pub fn code_update(self) -> FieldUpdate<String> {
        self.field_update(|one| one.component(1))
    }
}

impl<'m> Repetition<'m> {
    /// The first subcomponent of a component, trimmed. `None` if it is empty or `""`.
    pub fn component(self, component: usize) -> Option<String> {
        self.subcomponent(component, 1)
    }

    /// The update that a component makes.
    pub fn component_update(self, component: usize) -> FieldUpdate<String> {
        match self.raw_component(component).map(str::trim) {
            Some(NULL) => FieldUpdate::Deleted,
            _ if self.is_deleted() => FieldUpdate::Deleted,
            _ => self.component(component).map_or(FieldUpdate::Unchanged, FieldUpdate::Set),
        }
    }

    /// A subcomponent, trimmed. `None` if it is empty or `""`.
    pub fn subcomponent(self, component: usize, subcomponent: usize) -> Option<String> {
        let mut all = self.raw_component(component)?.split(self.of.separators().subcomponent);
        self.read(all.nth(subcomponent.checked_sub(1)?)?)
    }

    /// A whole component as text. An ampersand that the sender should have escaped stays an ampersand.
    pub fn component_text(self, component: usize) -> Option<String> {
        self.read(self.raw_component(component)?)
    }

    /// The whole repetition as text.
    pub fn text(self) -> Option<String> {
        self.read(self.raw)
    }

    /// Every component that is not empty, as text.
    pub fn component_texts(self) -> impl Iterator<Item = String> {
        self.raw.split(self.of.separators().component).filter_map(move |raw| self.read(raw))
    }

    pub fn component_count(self) -> usize {
        self.raw.split(self.of.separators().component).count()
    }

    fn raw_component(self, number: usize) -> Option<&'m str> {
        self.raw.split(self.of.separators().component).nth(number.checked_sub(1)?)
    }

    /// The whole repetition as a line of text, with its leading spaces.
    fn line(self) -> String {
        let text = escape::unescape_text(self.raw, self.of.separators(), self.of.charset());
        text.trim_end().to_owned()
    }

    fn read(self, raw: &str) -> Option<String> {
        let text = escape::unescape_text(raw, self.of.separators(), self.of.charset());
        let text = text.trim();
        (!text.is_empty() && text != NULL).then(|| text.to_owned())
    }

    fn is_empty(self) -> bool {
        self.leaves().all(str::is_empty)
    }

    /// Whether all its values are `""`.
    fn is_deleted(self) -> bool {
        let mut values = self.leaves().filter(|leaf| !leaf.is_empty()).peekable();
        values.peek().is_some() && values.all(|leaf| leaf == NULL)
    }

    /// The subcomponents of all components, trimmed of spaces and control characters.
    fn leaves(self) -> impl Iterator<Item = &'m str> {
        let separators = self.of.separators();
        let (component, subcomponent) = (separators.component, separators.subcomponent);
        let is_blank = |c: char| c.is_whitespace() || c.is_control();
        self.raw.split([component, subcomponent]).map(move |raw| raw.trim_matches(is_blank))
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
