//! The banner's allergy line. It lists every allergy that any source asserts, and no source's refutation removes
//! another source's allergy. It must say "No known allergies" only if a source says so and every source that could say
//! otherwise has answered: a wrong line here can kill.

mod assertions;

use lcr_contracts::record::{Entry, Record};
use lcr_model::Dataset;

use crate::{
    layout::format::{format_count, join_with_and},
    record::coverage::Coverage,
};
use assertions::{
    allergy_text, asserted_allergies, can_harm, disagreements, is_none_known, none_known_of, source_names,
    without_repeats,
};

/// The four states of the banner standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllergyState {
    Known,
    NoneKnown,
    NotRecorded,
    Unavailable,
}

/// How the line must stand out: red for what can harm, yellow for what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    Harm,
    Missing,
    None,
}

/// The disagreements, then the label of the state and the text after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllergiesLine {
    pub state: AllergyState,
    pub alarm: Alarm,
    /// What sources say against each other, one sentence for each subject.
    pub disagreements: Vec<String>,
    pub label: &'static str,
    pub text: String,
}

impl AllergiesLine {
    fn new(state: AllergyState, text: String) -> Self {
        let label = match state {
            AllergyState::Known => "Known allergies",
            AllergyState::NoneKnown => "No known allergies",
            AllergyState::NotRecorded => "Allergies not recorded",
            AllergyState::Unavailable => "Allergies unavailable",
        };
        let is_missing = matches!(state, AllergyState::NotRecorded | AllergyState::Unavailable);
        let alarm = if is_missing { Alarm::Missing } else { Alarm::None };
        Self { state, alarm, disagreements: Vec::new(), label, text }
    }

    /// Everything that the line says.
    pub fn words(&self) -> String {
        let disagreements = self.disagreements.iter().map(|one| format!("Sources disagree: {one} "));
        format!("{}{}{}", disagreements.collect::<String>(), self.label, self.text)
    }

    pub fn harms(&self) -> bool {
        self.alarm == Alarm::Harm
    }

    /// The end of the class name that gives the colour.
    pub fn class(&self) -> Option<&'static str> {
        match self.alarm {
            Alarm::Harm => Some("harm"),
            Alarm::Missing => Some("missing"),
            Alarm::None => None,
        }
    }
}

pub fn allergies_line(record: &Record) -> AllergiesLine {
    let Some(section) = record.section(Dataset::Allergies) else {
        let text = ": not open to your role. Do not assume none.".into();
        return AllergiesLine::new(AllergyState::Unavailable, text);
    };
    let coverage = Coverage::of(record, Dataset::Allergies);
    let asserted = asserted_allergies(&section.entries);
    let mut line = if asserted.is_empty() {
        without_allergy(&section.entries, &coverage)
    } else {
        let words: Vec<String> = asserted.iter().map(|entry| allergy_text(entry)).collect();
        let missing = incomplete_text(&coverage);
        let mut line =
            AllergiesLine::new(AllergyState::Known, format!(": {}.{missing}", without_repeats(words).join("; ")));
        line.alarm = if missing.is_empty() { Alarm::None } else { Alarm::Missing };
        line
    };
    line.disagreements = disagreements(record);
    if !line.disagreements.is_empty() || asserted.iter().any(|entry| can_harm(entry)) {
        line.alarm = Alarm::Harm;
    }
    line
}

/// The line without an asserted allergy: the most cautious of the three other states.
fn without_allergy(entries: &[Entry], coverage: &Coverage) -> AllergiesLine {
    let none_known: Vec<String> = entries.iter().filter(|entry| is_none_known(entry)).flat_map(source_names).collect();
    if !none_known.is_empty() && coverage.unanswered().is_empty() && coverage.may_hold().is_empty() {
        return AllergiesLine::new(AllergyState::NoneKnown, format!(", says {}.", join_with_and(&none_known)));
    }
    let unrecorded = coverage.holds_none().len()
        + entries.iter().filter(|entry| !is_none_known(entry)).flat_map(source_names).count();
    let (state, mut parts) = if unrecorded > 0 {
        (AllergyState::NotRecorded, vec![format!(" at {}", format_count(unrecorded, "source", "sources"))])
    } else {
        (AllergyState::Unavailable, Vec::new())
    };
    for (lead, names) in unanswered_sources(coverage) {
        // The label already says "unavailable" before the first name.
        let lead = match (lead, parts.is_empty()) {
            (UNAVAILABLE, true) => " from",
            (lead, true) => &format!(": {lead}"),
            (lead, false) => &format!(" {lead}"),
        };
        parts.push(format!("{lead} {}", join_with_and(&names)));
    }
    if parts.is_empty() {
        parts.push(": no connected source gives them".into());
    }
    if !none_known.is_empty() {
        parts.push(format!(" {} records none", join_with_and(&none_known)));
    }
    parts.extend(entries.iter().filter_map(|entry| {
        let of = none_known_of(entry)?;
        Some(format!(" {} records no known {of} allergy", join_with_and(&source_names(entry))))
    }));
    AllergiesLine::new(state, format!("{}. Do not assume none.", parts.join(";")))
}

const UNAVAILABLE: &str = "unavailable from";

/// The sources that have not answered or may not share, by the words before their names.
fn unanswered_sources(coverage: &Coverage) -> Vec<(&'static str, Vec<String>)> {
    let stale = coverage.stale.iter().map(|(name, _)| name.clone()).collect();
    let is_later = |name: &String| coverage.not_yet_on.contains(name);
    let is_beyond = |name: &String| coverage.not_received.contains(name);
    let (later, closed): (Vec<String>, Vec<String>) = coverage.may_hold().into_iter().partition(is_later);
    let (beyond, closed) = closed.into_iter().partition(is_beyond);
    let all = [
        (UNAVAILABLE, coverage.missing.clone()),
        ("only an older copy from", stale),
        ("still asking", coverage.asking.clone()),
        ("not shared by", closed),
        ("your organisation's agreement does not include them from", beyond),
        ("not yet switched on for you:", later),
    ];
    all.into_iter().filter(|(_, names): &(_, Vec<String>)| !names.is_empty()).collect()
}

fn incomplete_text(coverage: &Coverage) -> String {
    let mut out = String::new();
    let missing = coverage.unanswered().len() - coverage.partial.len();
    let (beyond, kept_back): (Vec<String>, Vec<String>) =
        coverage.may_hold().into_iter().partition(|name| coverage.not_received.contains(name));
    if missing > 0 {
        let have = if missing == 1 { "has" } else { "have" };
        out += &format!(" {} {have} not answered.", format_count(missing, "source", "sources"));
    }
    if !coverage.partial.is_empty() {
        out += &format!(" Not all that {} sent can be shown here.", join_with_and(&coverage.partial));
    }
    if !kept_back.is_empty() {
        out += &format!(" {} may not share them here.", format_count(kept_back.len(), "source", "sources"));
    }
    if !beyond.is_empty() {
        let sources = format_count(beyond.len(), "source", "sources");
        out += &format!(" Your organisation's agreement does not include them from {sources}.");
    }
    out
}

#[cfg(test)]
#[path = "allergies_tests.rs"]
mod tests;
