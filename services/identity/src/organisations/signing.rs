//! The data-flow schedule, the appointment of those who sign, and signatures (S-68, S-70). Only the appointed user signs, and only
//! the text as it is at that moment.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    Failure,
    partners::{
        agreement::AgreementText,
        organisation::{DataFlowSchedule, Duty},
    },
    registry::{Organisation, PartnerState},
};
use lcr_model::{UserId, london};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    details, lifecycle,
    open::{OpenOrganisation, open, require_not_left},
    setup,
    signatures::signed_texts,
    text::{self, TextFacts},
    versions::Versions,
};
use crate::{
    changed_fields,
    partners::Author,
    store::{
        agreement::{self, AgreementRecords, Appointment, Signature, StoredSchedule},
        change_error::{ChangeError, conflict},
        partner_change::NewEntry,
    },
};

/// Sets the schedule that is signed next. What it drops stops at once; what it adds waits for the signatures.
pub async fn set_schedule(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    schedule: DataFlowSchedule,
) -> Result<NewEntry, ChangeError> {
    author.require_administrator()?;
    details::check_schedule(&schedule)?;
    let schedule = DataFlowSchedule {
        lawful_basis: schedule.lawful_basis.trim().to_owned(),
        retention: schedule.retention.trim().to_owned(),
        ..schedule
    };
    let opened = open(tx, &author.organisation, author.now).await?;
    require_not_left(&opened.row)?;
    let records = agreement::load(tx, opened.file.registration).await?;
    let before = records.newest_schedule().map(|newest| &newest.schedule);
    if before == Some(&schedule) {
        return Err(conflict("The schedule is already so.").into());
    }
    let fields = before.map(|before| changed_fields::of_schedule(before, &schedule)).unwrap_or_default();
    opened.require_ours()?;
    let new = StoredSchedule { id: Uuid::now_v7(), schedule };
    agreement::insert_schedule(tx, opened.file.registration, &new, author.now).await?;
    let entry = author.entry(format!("Set the data-flow schedule{fields}"), None);
    opened.store(tx, versions, std::slice::from_ref(&entry), author.now).await?;
    Ok(entry)
}

/// Appoints a member of the organisation to sign. `name` is how they are shown.
pub async fn appoint(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    appointment: Appointment,
) -> Result<NewEntry, ChangeError> {
    if !author.is_own_administrator() {
        return Err(
            Failure::forbidden("Only an administrator of the organisation appoints those who sign for it.").into()
        );
    }
    let opened = open(tx, &author.organisation, author.now).await?;
    require_not_left(&opened.row)?;
    let records = agreement::load(tx, opened.file.registration).await?;
    check_apart(appointment.duty, &appointment.user, |duty| records.appointment(duty).map(|one| &one.user))?;
    opened.require_ours()?;
    agreement::appoint(tx, opened.file.registration, &appointment, author.now).await?;
    let entry = author.entry(format!("Appointed the {}", appointment.duty.words()), None);
    opened.store(tx, versions, std::slice::from_ref(&entry), author.now).await?;
    Ok(entry)
}

/// Refuses one person as SIRO and as data protection officer (UK GDPR article 38(6)).
fn check_apart<'a>(duty: Duty, user: &UserId, has: impl Fn(Duty) -> Option<&'a UserId>) -> Result<(), Failure> {
    let other = match duty {
        Duty::Siro => Duty::DataProtectionOfficer,
        Duty::DataProtectionOfficer => Duty::Siro,
        Duty::CaldicottGuardian => return Ok(()),
    };
    if has(other) == Some(user) {
        return Err(conflict(
            "The data protection officer is never the same person as the SIRO. Choose somebody else.",
        ));
    }
    Ok(())
}

/// Signs the text as it is now.
pub async fn sign(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    duty: Duty,
    text_hash: &str,
) -> Result<NewEntry, ChangeError> {
    let mut opened = open(tx, &author.organisation, author.now).await?;
    require_not_left(&opened.row)?;
    let mut records = agreement::load(tx, opened.file.registration).await?;
    check_appointed(author, duty, &records)?;
    let today = london::date(author.now);
    let (schedule, text) = text_to_sign(&opened.row, &records, versions, today)?;
    if text.text_hash != text_hash {
        return Err(conflict("The text has changed; read it again.").into());
    }
    let under = |duty: Duty| records.signatures.iter().find(|one| one.text_hash == text.text_hash && one.duty == duty);
    check_apart(duty, &author.actor.user, |other| under(other).map(|one| &one.user))?;
    opened.require_ours()?;
    let signature = Signature {
        duty,
        user: author.actor.user.clone(),
        version: text.version.clone(),
        schedule,
        text_hash: text.text_hash.clone(),
        at: author.now,
    };
    if !agreement::sign(tx, (&author.organisation, opened.file.registration), &signature, &text).await? {
        return Err(conflict("This text is signed already for this duty.").into());
    }
    let entry = author.entry(format!("Signed the agreement {} as {}", text.version, duty.words()), None);
    let mut entries = vec![entry.clone()];
    records.signatures.push(signature);
    if signed_texts(&records.signatures).iter().any(|signed| signed.text_hash == text.text_hash) {
        entries.extend(complete(&mut opened, &text.version, author.now));
        // What was set up and checked before the last signature counts now.
        entries.extend(setup::walk_by_setup(tx, &mut opened.row, author.now).await?);
    }
    opened.store(tx, versions, &entries, author.now).await?;
    Ok(entry)
}

fn check_appointed(author: &Author, duty: Duty, records: &AgreementRecords) -> Result<(), Failure> {
    let is_own = author.actor.org == author.organisation;
    if is_own && records.appointment(duty).is_some_and(|one| one.user == author.actor.user) {
        return Ok(());
    }
    Err(Failure::forbidden(format!("Only the person who is appointed as {} signs for this duty.", duty.words())))
}

/// The id of the newest schedule and the text with it. Without a schedule nothing is signed.
fn text_to_sign(
    row: &Organisation,
    records: &AgreementRecords,
    versions: &Versions,
    today: Date,
) -> Result<(Uuid, AgreementText), Failure> {
    let newest = records.newest_schedule().ok_or_else(|| conflict("Set the data-flow schedule first."))?;
    let facts = TextFacts { ods: &row.ods, name: &row.name, schedule: Some(&newest.schedule) };
    Ok((newest.id, text::render(versions.current(today), facts)))
}

/// All have signed: from now on the signed text counts, and an agreement on paper no longer does.
fn complete(opened: &mut OpenOrganisation, version: &str, now: Timestamp) -> Vec<NewEntry> {
    opened.file.on_paper = false;
    let mut entries = vec![lifecycle::platform_entry(
        &opened.row.ods,
        format!("The agreement {version} is signed by all who must sign it"),
        now,
    )];
    if opened.row.state == PartnerState::Draft {
        entries.extend(lifecycle::walk(&mut opened.row, &[PartnerState::Agreed], now));
    }
    entries
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
