//! What the directory says of somebody who signs in. Whoever's access has ended is refused, also when their provider's
//! token is fine. Each admitted sign-in is recorded in the directory.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_model::{OdsCode, Role, UserId, seal::DataKeys};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::store::{
    directory_setting,
    person::{self, Lookup, Person, PersonDetails, PersonSource},
    person_change, user,
};

/// A member of staff whom their provider vouches for. Never a patient.
#[derive(Clone, Copy)]
pub struct Admission<'a> {
    pub org: &'a OdsCode,
    pub issuer: &'a str,
    pub subject: &'a str,
    /// The name they sign in with, from a claim that the organisation's directory sets and the person cannot change.
    pub user_name: Option<&'a str>,
    /// The name that colleagues read.
    pub name: &'a str,
    /// The role by the token. `None`: the token has none that we know.
    pub role: Option<Role>,
    pub keys: &'a DataKeys,
    pub now: Timestamp,
}

impl<'a> Admission<'a> {
    fn known_user_name(&self) -> Option<&'a str> {
        self.user_name.map(str::trim).filter(|name| !name.is_empty())
    }
}

/// What the directory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmitResult {
    /// They may sign in, in this role. `None`: no role counts for them, so they may ask for one.
    Admitted { role: Option<Role> },
    /// Their organisation ended their access.
    Ended,
    /// Only people of the directory may sign in, and they are not in it.
    NotInDirectory,
}

/// Looks a person up in their organisation's directory and records their sign-in. To be called in the write that begins
/// the session.
pub async fn admit(tx: &DatabaseTransaction, admission: &Admission<'_>) -> Result<AdmitResult, DbErr> {
    let Admission { org, issuer, subject, keys, .. } = *admission;
    let user_name = admission.known_user_name();
    let hashes = keys.hash_names(&format!("{issuer}\u{0}{subject}"));
    let known = user::entity::Entity::find()
        .filter(user::entity::Column::SubjectHash.is_in(&hashes))
        .one(tx)
        .await?
        .map(|row| row.id);
    let by = Lookup { user: known.as_deref(), external_id: Some(subject), user_name };
    let found = person::find_by(tx, keys, org, by).await?;
    // An ended row counts even if it belongs to an earlier account of the same person.
    if found.iter().any(|person| !person.active) {
        return Ok(AdmitResult::Ended);
    }
    let is_theirs = |person: &Person| person.user.as_ref().is_none_or(|user| Some(user.as_str()) == known.as_deref());
    let (theirs, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_theirs);
    let is_required = directory_setting::is_required(tx, org).await?;
    if theirs.is_empty() && is_required {
        return Ok(AdmitResult::NotInDirectory);
    }
    let Some(role) = admitted_role(admission.role, &theirs, is_required) else {
        return Ok(AdmitResult::Admitted { role: None });
    };
    let user = UserId::new(user::find_or_insert(tx, &hashes, admission.name).await?);
    let is_name_free = !others.iter().any(|person| has_user_name(person, user_name));
    record(tx, admission, theirs, user, is_name_free).await?;
    Ok(AdmitResult::Admitted { role: Some(role) })
}

/// The role of a sign-in. Where the organisation's directory states roles, a token gives none beside them: a role that was
/// taken away there must not come back by the token. A role of the platform is not the directory's.
fn admitted_role(by_token: Option<Role>, theirs: &[Person], is_required: bool) -> Option<Role> {
    let mut stated = theirs.iter().flat_map(|person| &person.roles);
    let Some(role) = by_token else { return stated.next().copied() };
    // Many SCIM clients state people without roles; their roles come by the token. The portal's form always states them.
    let governs = |person: &Person| match person.source {
        PersonSource::Portal => is_required || !person.roles.is_empty(),
        PersonSource::Scim => !person.roles.is_empty(),
        _ => false,
    };
    let counts = role == Role::PlatformAdmin || !theirs.iter().any(governs) || stated.any(|one| *one == role);
    counts.then_some(role)
}

fn has_user_name(person: &Person, name: Option<&str>) -> bool {
    let normalised = person::normalise_user_name;
    name.is_some_and(|name| normalised(name) == normalised(&person.details.user_name))
}

/// Records the sign-in in the person's row. Rows of earlier sign-ins are merged into the row that the directory made.
async fn record(
    tx: &DatabaseTransaction,
    admission: &Admission<'_>,
    theirs: Vec<Person>,
    user: UserId,
    is_name_free: bool,
) -> Result<(), DbErr> {
    let Admission { org, keys, now, .. } = *admission;
    let (mut made, mut signed_in): (Vec<_>, Vec<_>) =
        theirs.into_iter().partition(|person| person.source != PersonSource::SignIn);
    let first = made.iter().chain(&signed_in).filter_map(|person| person.first_signed_in_at).min();
    let (mut person, duplicates) = match (made.is_empty(), signed_in.is_empty()) {
        (false, _) => (made.swap_remove(0), signed_in),
        (true, false) => (signed_in.swap_remove(0), signed_in),
        (true, true) => {
            let new = new_person(admission, is_name_free);
            person_change::insert(tx, (org, new.id.as_str()), PersonSource::SignIn, "First sign-in", now).await?;
            (new, vec![])
        }
    };
    for duplicate in duplicates {
        person::delete_duplicate(tx, &duplicate.id).await?;
    }
    if person.source == PersonSource::SignIn {
        admission.name.clone_into(&mut person.details.display_name);
        if let Some(name) = admission.known_user_name().filter(|_| is_name_free && person.details.user_name.is_empty())
        {
            name.clone_into(&mut person.details.user_name);
        }
    }
    person.user = Some(user);
    person.first_signed_in_at = first.or(Some(now));
    person.last_signed_in_at = Some(now);
    person::save(tx, keys, &person).await
}

fn new_person(admission: &Admission<'_>, is_name_free: bool) -> Person {
    let user_name = admission.known_user_name().filter(|_| is_name_free).unwrap_or_default();
    Person {
        id: Uuid::now_v7().to_string(),
        org: admission.org.clone(),
        user: None,
        details: PersonDetails {
            user_name: user_name.to_owned(),
            external_id: Some(admission.subject.to_owned()),
            display_name: admission.name.to_owned(),
            ..PersonDetails::default()
        },
        roles: BTreeSet::new(),
        active: true,
        ended_by: None,
        hidden: false,
        source: PersonSource::SignIn,
        version: 1,
        created: admission.now,
        changed: admission.now,
        first_signed_in_at: None,
        last_signed_in_at: None,
    }
}
