//! A field as it was sent: absent, deleted (`""`) or told, with its repetitions, components and subcomponents.
//! Numbers are HL7's own and start at 1. Values come out with their escapes read.

use jiff::Timestamp;
use lcr_contracts::spell::Told;

use crate::{escape, message::Message, time};

/// No time is longer than this in characters; a field that is, is not read again for each person of a message.
const LONGEST_TIME: usize = 200;

/// How a sender writes "delete it".
const NULL: &str = "\"\"";

/// One field; one that the segment is too short for is absent, as is an empty one.
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

    /// The repetitions that say something.
    pub fn repetitions(self) -> impl Iterator<Item = Repetition<'m>> {
        self.all_repetitions().filter(|one| !one.is_empty())
    }

    /// The first of them.
    pub fn first(self) -> Option<Repetition<'m>> {
        self.repetitions().next()
    }

    /// The first component of the first repetition.
    pub fn code(self) -> Option<String> {
        self.first()?.part(1)
    }

    /// The first component of the first repetition as a moment.
    pub fn timestamp(self) -> Option<Timestamp> {
        time::timestamp(&self.time_text()?)
    }

    /// The first component of the first repetition, unless it is too long for a time.
    pub fn time_text(self) -> Option<String> {
        if self.raw.len() > LONGEST_TIME { None } else { self.code() }
    }

    /// The first repetition as text, its delimiters taken for characters.
    pub fn words(self) -> Option<String> {
        self.first()?.words()
    }

    /// Every repetition as a line of text: empty lines between others and the spaces in front, which lay out a
    /// table, are kept.
    pub fn text(self) -> Option<String> {
        let lines: Vec<String> = self.all_repetitions().map(Repetition::line).collect();
        let text = lines.join("\n");
        let text = text.trim_end();
        (!text.is_empty() && text != NULL).then(|| text.to_owned())
    }

    fn all_repetitions(self) -> impl Iterator<Item = Repetition<'m>> {
        let (of, some) = (self.of, !self.raw.is_empty());
        let all = some.then(|| self.raw.split(of.separators().repetition));
        all.into_iter().flatten().map(move |raw| Repetition { raw, of })
    }

    /// One subcomponent of every repetition, exactly as it was written.
    #[cfg(test)]
    pub(crate) fn all_raw(self, component: usize, subcomponent: usize) -> impl Iterator<Item = &'m str> {
        let separator = self.of.separators().subcomponent;
        let leaf = move |part: &'m str| part.split(separator).nth(subcomponent - 1).unwrap_or_default();
        self.all_repetitions().map(move |one| one.component(component).map_or("", leaf))
    }

    /// Exactly as it was written, escapes and all, for sending it back; of control characters the tab alone.
    pub(crate) fn raw(self) -> String {
        self.raw.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
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

    /// A component in three states.
    pub fn told_part(self, component: usize) -> Told<String> {
        match self.component(component).map(str::trim) {
            Some(NULL) => Told::Deleted,
            _ if self.is_deleted() => Told::Deleted,
            _ => self.part(component).map_or(Told::Unchanged, Told::Set),
        }
    }

    /// A subcomponent, trimmed; `None` when empty or `""`.
    pub fn sub(self, component: usize, subcomponent: usize) -> Option<String> {
        let mut all = self.component(component)?.split(self.of.separators().subcomponent);
        self.read(all.nth(subcomponent.checked_sub(1)?)?)
    }

    /// A whole component as text: an ampersand that should have been escaped is an ampersand.
    pub fn part_words(self, component: usize) -> Option<String> {
        self.read(self.component(component)?)
    }

    /// All of it as text.
    pub fn words(self) -> Option<String> {
        self.read(self.raw)
    }

    /// Every component that says something, as text.
    pub fn parts(self) -> impl Iterator<Item = String> {
        self.raw.split(self.of.separators().component).filter_map(move |raw| self.read(raw))
    }

    pub fn components(self) -> usize {
        self.raw.split(self.of.separators().component).count()
    }

    fn component(self, number: usize) -> Option<&'m str> {
        self.raw.split(self.of.separators().component).nth(number.checked_sub(1)?)
    }

    /// All of it as a line of text, with the spaces in front.
    fn line(self) -> String {
        let text = escape::text(self.raw, self.of.separators(), self.of.charset());
        text.trim_end().to_owned()
    }

    fn read(self, raw: &str) -> Option<String> {
        let text = escape::text(raw, self.of.separators(), self.of.charset());
        let text = text.trim();
        (!text.is_empty() && text != NULL).then(|| text.to_owned())
    }

    fn is_empty(self) -> bool {
        self.leaves().all(str::is_empty)
    }

    /// `""` and nothing else.
    fn is_deleted(self) -> bool {
        let mut said = self.leaves().filter(|leaf| !leaf.is_empty()).peekable();
        said.peek().is_some() && said.all(|leaf| leaf == NULL)
    }

    /// The subcomponents of all components, trimmed of spaces and of control characters, which read as spaces.
    fn leaves(self) -> impl Iterator<Item = &'m str> {
        let separators = self.of.separators();
        let (component, subcomponent) = (separators.component, separators.subcomponent);
        let blank = |c: char| c.is_whitespace() || c.is_control();
        self.raw.split([component, subcomponent]).map(move |raw| raw.trim_matches(blank))
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
