//! Which texts all have signed who must, and which of them counts today (S-68, S-70). Pure. A text that one of the three has not
//! signed never counts, and nobody signs for two of SIRO and data protection officer (UK GDPR article 38(6)).

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use lcr_contracts::partners::organisation::{DataFlowSchedule, Duty};
use uuid::Uuid;

use super::versions::Versions;
use crate::store::agreement::{AgreementRecords, Signature};

/// A text that all have signed who must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedText {
    pub version: String,
    pub schedule: Uuid,
    pub text_hash: String,
    /// When the last of them signed.
    pub since: Timestamp,
}

/// The texts that all have signed who must.
pub fn signed_texts(signatures: &[Signature]) -> Vec<SignedText> {
    let mut texts: BTreeMap<(&str, Uuid, &str), Vec<&Signature>> = BTreeMap::new();
    for one in signatures {
        texts.entry((one.version.as_str(), one.schedule, one.text_hash.as_str())).or_default().push(one);
    }
    let whole = texts.into_iter().filter(|(_, under)| is_whole(under));
    let to_text = |((version, schedule, text_hash), under): ((&str, Uuid, &str), Vec<&Signature>)| SignedText {
        version: version.to_owned(),
        schedule,
        text_hash: text_hash.to_owned(),
        since: under.iter().map(|one| one.at).max().unwrap_or_default(),
    };
    whole.map(to_text).collect()
}

fn is_whole(under: &[&Signature]) -> bool {
    let of = |duty: Duty| under.iter().filter(move |one| one.duty == duty);
    let are_apart = of(Duty::Siro).any(|siro| of(Duty::DataProtectionOfficer).any(|officer| officer.user != siro.user));
    are_apart && of(Duty::CaldicottGuardian).next().is_some()
}

/// The text in force today: of those whose version counts, the one that was whole last.
pub fn text_in_force(records: &AgreementRecords, versions: &Versions, today: Date) -> Option<SignedText> {
    let texts = signed_texts(&records.signatures).into_iter();
    texts.filter(|text| versions.counts(&text.version, today)).max_by_key(|text| (text.since, text.schedule))
}

/// Whether data may flow by the agreement today. An agreement on paper counts until the first one is signed here.
pub fn is_in_force(on_paper: bool, records: &AgreementRecords, versions: &Versions, today: Date) -> bool {
    on_paper || text_in_force(records, versions, today).is_some()
}

/// The schedule by which data flows today: the signed one, without what the organisation has taken out since. `None`: nothing
/// is signed here, or it no longer counts.
pub fn agreed_schedule(records: &AgreementRecords, versions: &Versions, today: Date) -> Option<DataFlowSchedule> {
    let text = text_in_force(records, versions, today)?;
    // Without its schedule, nobody can say what was agreed: nothing flows.
    let mut agreed = records.schedule(text.schedule).cloned().unwrap_or_default();
    if let Some(newest) = records.newest_schedule() {
        agreed.gives.retain(|dataset| newest.schedule.gives.contains(dataset));
        agreed.receives.retain(|dataset| newest.schedule.receives.contains(dataset));
    }
    Some(agreed)
}

/// The schedule that takes datasets away from the organisation's systems today. Beside an agreement on paper, whose own schedule is
/// not kept here, it is the newest one set here: it takes away and adds nothing. `None`: nothing is taken away.
pub fn narrowing_schedule(
    on_paper: bool,
    records: &AgreementRecords,
    versions: &Versions,
    today: Date,
) -> Option<DataFlowSchedule> {
    let newest = || records.newest_schedule().filter(|_| on_paper).map(|newest| newest.schedule.clone());
    agreed_schedule(records, versions, today).or_else(newest)
}

/// When the organisation first signed anything, if it has ever signed all.
pub fn first_signed_at(records: &AgreementRecords) -> Option<Timestamp> {
    if signed_texts(&records.signatures).is_empty() {
        return None;
    }
    records.signatures.iter().map(|one| one.at).min()
}

#[cfg(test)]
#[path = "signatures_tests.rs"]
mod tests;
