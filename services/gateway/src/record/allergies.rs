//! The banner's allergy line. It lists every allergy that any source asserts, and no source's refutation removes
//! another source's allergy. It must say "No known allergies" only if a source says so and every source that could say
//! otherwise has answered: a wrong line here can kill.

use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use crate::{
    layout::format::{format_count, join_with_and},
    record::coverage::Coverage,
};

/// The four states of the banner standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllergyState {
    Known,
    NoneKnown,
    NotRecorded,
    Unavailable,
}

/// The label of the state, and the text after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllergiesLine {
    pub state: AllergyState,
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
        Self { state, label, text }
    }

    /// The label and the text.
    pub fn words(&self) -> String {
        format!("{}{}", self.label, self.text)
    }

    pub fn warns(&self) -> bool {
        self.state != AllergyState::NoneKnown
    }
}

pub fn allergies_line(record: &Record) -> AllergiesLine {
    let Some(section) = record.section(Dataset::Allergies) else {
        let text = ": not open to your role. Do not assume none.".into();
        return AllergiesLine::new(AllergyState::Unavailable, text);
    };
    let coverage = Coverage::of(record, Dataset::Allergies);
    let asserted: Vec<String> = asserted_allergies(&section.entries, record);
    if !asserted.is_empty() {
        let text = format!(": {}.{}", asserted.join("; "), incomplete_text(&coverage));
        return AllergiesLine::new(AllergyState::Known, text);
    }
    without_allergy(&section.entries, &coverage)
}

/// The line without an asserted allergy: the most cautious of the three other states.
fn without_allergy(entries: &[Entry], coverage: &Coverage) -> AllergiesLine {
    let none_known: Vec<String> = entries.iter().filter(|entry| is_none_known(entry)).flat_map(source_names).collect();
    if !none_known.is_empty() && coverage.unanswered().is_empty() && coverage.may_not_share().is_empty() {
        return AllergiesLine::new(AllergyState::NoneKnown, format!(", says {}.", join_with_and(&none_known)));
    }
    let unrecorded =
        coverage.no_data.len() + entries.iter().filter(|entry| !is_none_known(entry)).flat_map(source_names).count();
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
    AllergiesLine::new(state, format!("{}. Do not assume none.", parts.join(";")))
}

const UNAVAILABLE: &str = "unavailable from";

/// The sources that have not answered or may not share, by the words before their names.
fn unanswered_sources(coverage: &Coverage) -> Vec<(&'static str, Vec<String>)> {
    let stale = coverage.stale.iter().map(|(name, _)| name.clone()).collect();
    let all = [
        (UNAVAILABLE, coverage.missing.clone()),
        ("only an older copy from", stale),
        ("still asking", coverage.asking.clone()),
        ("not shared by", coverage.may_not_share()),
    ];
    all.into_iter().filter(|(_, names): &(_, Vec<String>)| !names.is_empty()).collect()
}

fn incomplete_text(coverage: &Coverage) -> String {
    let mut out = String::new();
    let (missing, kept_back) = (coverage.unanswered().len() - coverage.partial.len(), coverage.may_not_share().len());
    if missing > 0 {
        let have = if missing == 1 { "has" } else { "have" };
        out += &format!(" {} {have} not answered.", format_count(missing, "source", "sources"));
    }
    if !coverage.partial.is_empty() {
        out += &format!(" Not all that {} sent can be shown here.", join_with_and(&coverage.partial));
    }
    if kept_back > 0 {
        out += &format!(" {} may not share them here.", format_count(kept_back, "source", "sources"));
    }
    out
}

fn asserted_allergies(entries: &[Entry], record: &Record) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for entry in entries {
        if let Some(words) = allergy_text(entry, entries, record)
            && !out.contains(&words)
        {
            out.push(words);
        }
    }
    out
}

/// The text of one allergy. `None` if the entry refutes it or says that there is none.
fn allergy_text(entry: &Entry, entries: &[Entry], record: &Record) -> Option<String> {
    let Detail::Allergy { clinical, reactions, severe, none_known, .. } = &entry.detail else { return None };
    if *none_known || is_refuted(entry) {
        return None;
    }
    let mut notes: Vec<String> = reactions.clone();
    if *severe && !notes.iter().any(|note| note.to_lowercase().contains("anaphyla")) {
        notes.push("severe".into());
    }
    if let Some(clinical) = clinical.as_deref().filter(|word| !word.eq_ignore_ascii_case("active")) {
        notes.push(format!("{} at {}", clinical.to_lowercase(), join_with_and(&source_names(entry))));
    }
    if is_disputed(entry, entries, record) {
        notes.push("sources disagree".into());
    }
    Some(if notes.is_empty() { entry.title.clone() } else { format!("{} ({})", entry.title, notes.join(", ")) })
}

fn is_disputed(entry: &Entry, entries: &[Entry], record: &Record) -> bool {
    let is_same = |title: &str| title.eq_ignore_ascii_case(&entry.title);
    let is_denied = |says: &Option<String>| says.as_deref().is_some_and(|says| says.to_lowercase().contains("refuted"));
    let is_about_it = |about: &str| about.rsplit(':').next().is_some_and(|name| is_same(name.trim()));
    entries.iter().any(|other| is_same(&other.title) && is_refuted(other))
        || entry.provenance.iter().any(|one| is_denied(&one.says))
        || record.discrepancies.iter().any(|one| one.dataset == Dataset::Allergies && is_about_it(&one.about))
}

fn is_refuted(entry: &Entry) -> bool {
    let Detail::Allergy { verification, .. } = &entry.detail else { return false };
    let verification = verification.as_deref().unwrap_or_default();
    ["refuted", "entered-in-error", "entered in error"].iter().any(|word| verification.eq_ignore_ascii_case(word))
        && !entry.provenance.iter().any(|one| {
            // An assertion counts even if it was merged into a refutation by mistake.
            one.says
                .as_deref()
                .is_some_and(|says| ["yes", "confirmed", "active"].contains(&says.to_lowercase().as_str()))
        })
}

fn is_none_known(entry: &Entry) -> bool {
    matches!(entry.detail, Detail::Allergy { none_known: true, .. })
}

fn source_names(entry: &Entry) -> Vec<String> {
    entry.provenance.iter().map(|one| one.name.clone()).collect()
}

#[cfg(test)]
#[path = "allergies_tests.rs"]
mod tests;
