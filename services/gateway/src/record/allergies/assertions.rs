//! What the entries assert: who is allergic to what, what is refuted, and what "none known" covers.

use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use crate::{layout::format::join_with_and, record::order::standing};

/// How many disagreements the banner quotes.
const MAX_DISAGREEMENTS: usize = 4;

/// "Beckside Surgery: Penicillin, Anaphylaxis (12-Mar-2019) · St Hilda's: none known (03-Nov-2026)."
pub(super) fn disagreements(record: &Record) -> Vec<String> {
    let all: Vec<_> = record.discrepancies.iter().filter(|one| one.dataset == Dataset::Allergies).collect();
    let sentence = |says: &[(String, String)]| {
        let says: Vec<String> = says.iter().map(|(who, what)| format!("{who}: {what}")).collect();
        format!("{}.", says.join(" · "))
    };
    let quoted = all.iter().take(MAX_DISAGREEMENTS).map(|one| sentence(&one.says));
    let more = all.len().saturating_sub(MAX_DISAGREEMENTS);
    let more = (more > 0).then(|| format!("also about {more} more, see Allergies."));
    quoted.chain(more).collect()
}

/// The entries that no source's "none", past or present, or refutation is, active ones first and severe ones before others.
pub(super) fn asserted_allergies(entries: &[Entry]) -> Vec<&Entry> {
    let is_asserted = |entry: &&Entry| {
        let is_allergy =
            matches!(entry.detail, Detail::Allergy { none_known: false, none_known_of: None, ended_denial: false, .. });
        is_allergy && !is_refuted(entry)
    };
    let mut asserted: Vec<&Entry> = entries.iter().filter(is_asserted).collect();
    asserted.sort_by_key(|entry| (standing(entry), !is_severe(entry)));
    asserted
}

/// The text of one asserted allergy.
pub(super) fn allergy_text(entry: &Entry) -> String {
    let Detail::Allergy { clinical, reactions, severe, .. } = &entry.detail else { return entry.title.clone() };
    let mut notes: Vec<String> = reactions.clone();
    if *severe && !notes.iter().any(|note| note.to_lowercase().contains("anaphyla")) {
        notes.push("severe".into());
    }
    if let Some(clinical) = clinical.as_deref().filter(|word| !word.eq_ignore_ascii_case("active")) {
        notes.push(format!("{} at {}", clinical.to_lowercase(), join_with_and(&source_names(entry))));
    }
    if notes.is_empty() { entry.title.clone() } else { format!("{} ({})", entry.title, notes.join(", ")) }
}

pub(super) fn without_repeats(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for one in words {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
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

fn is_severe(entry: &Entry) -> bool {
    matches!(entry.detail, Detail::Allergy { severe: true, .. })
}

/// Whether it is an active allergy of high criticality.
pub(super) fn can_harm(entry: &Entry) -> bool {
    is_severe(entry) && standing(entry) == 0
}

/// A "none known" that still holds. One that ended or was refuted denies nothing.
pub(super) fn is_none_known(entry: &Entry) -> bool {
    matches!(entry.detail, Detail::Allergy { none_known: true, .. }) && holds(entry)
}

fn holds(entry: &Entry) -> bool {
    standing(entry) == 0 && !is_refuted(entry)
}

/// What a source says that none is known of, if that is not every allergy.
pub(super) fn none_known_of(entry: &Entry) -> Option<&str> {
    match &entry.detail {
        Detail::Allergy { none_known_of: Some(of), .. } if holds(entry) => Some(of),
        _ => None,
    }
}

pub(super) fn source_names(entry: &Entry) -> Vec<String> {
    entry.provenance.iter().map(|one| one.shown_name().to_owned()).collect()
}
