//! The banner's allergy line. It lists every allergy any source asserts; one source's refutation never cancels
//! another's word; "No known allergies" is said only when a source says so and nobody who could say
//! otherwise is missing. Getting this line wrong can kill.

use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use super::{
    gaps::Gaps,
    words::{count, list},
};

/// Which of the four states of the banner standard the line is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllergyState {
    Known,
    NoneKnown,
    NotRecorded,
    Unavailable,
}

/// The line: a label by state, what follows it, and what is missing.
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

    /// The line as one sentence.
    pub fn words(&self) -> String {
        format!("{}{}", self.label, self.text)
    }

    /// Whether it is drawn as a warning.
    pub fn warns(&self) -> bool {
        self.state != AllergyState::NoneKnown
    }
}

/// The line for a record as it stands.
pub fn allergies_line(record: &Record) -> AllergiesLine {
    let Some(section) = record.section(Dataset::Allergies) else {
        let text = ": not open to your role. Do not assume none.".into();
        return AllergiesLine::new(AllergyState::Unavailable, text);
    };
    let gaps = Gaps::of(record, Dataset::Allergies);
    let asserted: Vec<String> = asserted(&section.entries, record);
    if !asserted.is_empty() {
        let text = format!(": {}.{}", asserted.join("; "), missing(&gaps));
        return AllergiesLine::new(AllergyState::Known, text);
    }
    without_any(&section.entries, &gaps)
}

/// No allergy is asserted: the most careful of the other three states that is true.
fn without_any(entries: &[Entry], gaps: &Gaps) -> AllergiesLine {
    let none_known: Vec<String> = entries.iter().filter(|entry| says_none(entry)).flat_map(sources).collect();
    if !none_known.is_empty() && gaps.unanswered().is_empty() && gaps.kept_back().is_empty() {
        return AllergiesLine::new(AllergyState::NoneKnown, format!(", says {}.", list(&none_known)));
    }
    let unrecorded =
        gaps.nothing.len() + entries.iter().filter(|entry| !says_none(entry)).flat_map(sources).count();
    let (state, mut parts) = if unrecorded > 0 {
        (AllergyState::NotRecorded, vec![format!(" at {}", count(unrecorded, "source", "sources"))])
    } else {
        (AllergyState::Unavailable, Vec::new())
    };
    for (lead, names) in absent(gaps) {
        // "Allergies unavailable from St Hilda's", but "…; unavailable from St Hilda's" later on.
        let lead = match (lead, parts.is_empty()) {
            (UNAVAILABLE, true) => " from",
            (lead, true) => &format!(": {lead}"),
            (lead, false) => &format!(" {lead}"),
        };
        parts.push(format!("{lead} {}", list(&names)));
    }
    if parts.is_empty() {
        parts.push(": no connected source gives them".into());
    }
    if !none_known.is_empty() {
        parts.push(format!(" {} records none", list(&none_known)));
    }
    AllergiesLine::new(state, format!("{}. Do not assume none.", parts.join(";")))
}

const UNAVAILABLE: &str = "unavailable from";

/// Who has not said, or may not say, with the words that lead their names in.
fn absent(gaps: &Gaps) -> Vec<(&'static str, Vec<String>)> {
    let stale = gaps.stale.iter().map(|(name, _)| name.clone()).collect();
    let all = [
        (UNAVAILABLE, gaps.silent.clone()),
        ("only an older copy from", stale),
        ("still asking", gaps.asking.clone()),
        ("not shared by", gaps.kept_back()),
    ];
    all.into_iter().filter(|(_, names): &(_, Vec<String>)| !names.is_empty()).collect()
}

fn missing(gaps: &Gaps) -> String {
    let mut out = String::new();
    let (missing, kept_back) = (gaps.unanswered().len() - gaps.in_part.len(), gaps.kept_back().len());
    if missing > 0 {
        let have = if missing == 1 { "has" } else { "have" };
        out += &format!(" {} {have} not answered.", count(missing, "source", "sources"));
    }
    if !gaps.in_part.is_empty() {
        out += &format!(" Not all that {} sent can be shown here.", list(&gaps.in_part));
    }
    if kept_back > 0 {
        out += &format!(" {} may not share them here.", count(kept_back, "source", "sources"));
    }
    out
}

fn asserted(entries: &[Entry], record: &Record) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for entry in entries {
        if let Some(words) = asserts(entry, entries, record)
            && !out.contains(&words)
        {
            out.push(words);
        }
    }
    out
}

/// One allergy as the line says it, unless the entry refutes it or says there is none.
fn asserts(entry: &Entry, entries: &[Entry], record: &Record) -> Option<String> {
    let Detail::Allergy { clinical, reactions, severe, none_known, .. } = &entry.detail else { return None };
    if *none_known || refuted(entry) {
        return None;
    }
    let mut notes: Vec<String> = reactions.clone();
    if *severe && !notes.iter().any(|note| note.to_lowercase().contains("anaphyla")) {
        notes.push("severe".into());
    }
    if let Some(clinical) = clinical.as_deref().filter(|word| !word.eq_ignore_ascii_case("active")) {
        notes.push(format!("{} at {}", clinical.to_lowercase(), list(&sources(entry))));
    }
    if disputed(entry, entries, record) {
        notes.push("sources disagree".into());
    }
    Some(if notes.is_empty() {
        entry.title.clone()
    } else {
        format!("{} ({})", entry.title, notes.join(", "))
    })
}

fn disputed(entry: &Entry, entries: &[Entry], record: &Record) -> bool {
    let same = |title: &str| title.eq_ignore_ascii_case(&entry.title);
    let denied =
        |says: &Option<String>| says.as_deref().is_some_and(|says| says.to_lowercase().contains("refuted"));
    let named = |about: &str| about.rsplit(':').next().is_some_and(|name| same(name.trim()));
    entries.iter().any(|other| same(&other.title) && refuted(other))
        || entry.provenance.iter().any(|one| denied(&one.says))
        || record.discrepancies.iter().any(|one| one.dataset == Dataset::Allergies && named(&one.about))
}

fn refuted(entry: &Entry) -> bool {
    let Detail::Allergy { verification, .. } = &entry.detail else { return false };
    let verification = verification.as_deref().unwrap_or_default();
    ["refuted", "entered-in-error", "entered in error"]
        .iter()
        .any(|word| verification.eq_ignore_ascii_case(word))
        && !entry.provenance.iter().any(|one| {
            // Merged by mistake with a source that asserts it: the assertion counts.
            one.says
                .as_deref()
                .is_some_and(|says| ["yes", "confirmed", "active"].contains(&says.to_lowercase().as_str()))
        })
}

fn says_none(entry: &Entry) -> bool {
    matches!(entry.detail, Detail::Allergy { none_known: true, .. })
}

fn sources(entry: &Entry) -> Vec<String> {
    entry.provenance.iter().map(|one| one.name.clone()).collect()
}

#[cfg(test)]
#[path = "allergies_tests.rs"]
mod tests;
