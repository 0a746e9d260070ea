//! How an agreement stands, as its organisation reads it: the text in force, who must sign, who has signed, until when.

use jiff::civil::Date;
use lcr_contracts::{
    partners::{
        agreement::{AgreementStatus, Signatory},
        organisation::Duty,
    },
    registry::Organisation,
};

use super::{
    signatures::{self, SignedText},
    text::{self, TextFacts},
    versions::Versions,
};
use crate::store::agreement::{AgreementRecords, Signature};

/// The version of an agreement that was signed outside of the platform.
pub const ON_PAPER: &str = "on paper";

/// The status of an organisation whose agreement is on paper, or of one whose row others manage: its row says whether it counts.
pub fn on_paper(row: &Organisation, versions: &Versions, today: Date) -> AgreementStatus {
    AgreementStatus {
        version: versions.current(today).id.to_owned(),
        signed_version: row.agreement_signed.then(|| ON_PAPER.to_owned()),
        schedule: None,
        signatories: Duty::ALL.map(nobody).to_vec(),
        grace_until: None,
        in_force: row.agreement_signed,
    }
}

fn nobody(duty: Duty) -> Signatory {
    Signatory { duty, user: None, name: String::new(), signed_at: None, text_hash: None }
}

/// The status of an organisation of the portal.
pub fn of_portal(
    row: &Organisation,
    is_on_paper: bool,
    records: &AgreementRecords,
    versions: &Versions,
    today: Date,
) -> AgreementStatus {
    let current = versions.current(today);
    let in_force = signatures::text_in_force(records, versions, today);
    let signed = in_force.clone().or_else(|| last_signed(records));
    let paper = is_on_paper.then(|| ON_PAPER.to_owned());
    let is_older = |text: &SignedText| text.version != current.id;
    let outdated = in_force.filter(is_older);
    AgreementStatus {
        version: current.id.to_owned(),
        signed_version: signed.map(|text| text.version).or(paper),
        schedule: records.newest_schedule().map(|newest| newest.schedule.clone()),
        signatories: signatories(row, records, versions, today),
        grace_until: outdated.and_then(|text| versions.last_day(&text.version)),
        in_force: row.agreement_signed,
    }
}

/// The text that was signed last, even if it no longer counts.
fn last_signed(records: &AgreementRecords) -> Option<SignedText> {
    signatures::signed_texts(&records.signatures).into_iter().max_by_key(|text| text.since)
}

fn signatories(row: &Organisation, records: &AgreementRecords, versions: &Versions, today: Date) -> Vec<Signatory> {
    let hash = hash_to_show(row, records, versions, today);
    let signature = |duty: Duty| -> Option<&Signature> {
        let hash = hash.as_ref()?;
        records.signatures.iter().find(|one| one.duty == duty && one.text_hash == *hash)
    };
    let signatory = |duty: Duty| {
        let appointed = records.appointment(duty);
        let signed = signature(duty);
        Signatory {
            duty,
            user: appointed.map(|one| one.user.clone()),
            name: appointed.map(|one| one.name.clone()).unwrap_or_default(),
            signed_at: signed.map(|one| one.at),
            text_hash: signed.map(|one| one.text_hash.clone()),
        }
    };
    Duty::ALL.into_iter().map(signatory).collect()
}

/// The text whose signatures are shown: one of the current version and schedule that all have signed, else the text as it is now.
/// The two differ if the organisation's name has changed since.
fn hash_to_show(row: &Organisation, records: &AgreementRecords, versions: &Versions, today: Date) -> Option<String> {
    let (newest, current) = (records.newest_schedule()?, versions.current(today));
    let is_current = |text: &SignedText| text.version == current.id && text.schedule == newest.id;
    let signed = signatures::signed_texts(&records.signatures).into_iter().find(is_current);
    let now = || {
        let facts = TextFacts { ods: &row.ods, name: &row.name, schedule: Some(&newest.schedule) };
        text::render(current, facts).text_hash
    };
    Some(signed.map_or_else(now, |text| text.text_hash))
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
