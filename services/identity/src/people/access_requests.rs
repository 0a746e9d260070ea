//! Requests for access: who signs in without a role that we know asks for one; automatic checks decide at
//! once or an administrator of the organisation within a working day. An applicant sees only their own requests.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure, FailureKind,
    partners::{
        ChangeResult, PartnerReceipt,
        people::{AccessRequest, Applicant, Decision, NewAccessRequest},
    },
    registry::Organisation,
};
use lcr_model::{OdsCode, Role, seal::DataKeys};
use lcr_store::db_failure;
use sea_orm::{DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::{
    directory::{self, changed, new_person, store_change},
    rules,
};
use crate::{
    oidc::{applicant as applicant_cookie, applicant::ApplicantIdentity},
    partners::{Author, receipt},
    service::Service,
    store::{
        access_request::{self, StoredRequest},
        partner_change,
        person::{self, Lookup, PersonSource},
    },
};

/// The most characters of what an applicant writes.
const MAX_REASON: usize = 500;
/// The most requests of one applicant in 24 hours.
const MAX_A_DAY: usize = 5;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Who holds this cookie, with their requests. `None` if it is not ours or too old.
pub async fn applicant(service: &Service, sealed: &str) -> Result<Option<Applicant>, Failure> {
    let Some(identity) = open(service, sealed) else { return Ok(None) };
    let organisation = directory::organisation(service, &OdsCode::new(identity.org.clone())).await?;
    let (db, keys) = (service.store.read(), &*service.data_keys);
    let hashes = hashes(service, &identity);
    let requests = access_request::list_of_applicant(db, keys, &organisation.ods, &hashes).await;
    Ok(Some(Applicant {
        name: identity.name,
        organisation: organisation.ods,
        organisation_name: organisation.name,
        requests: requests.map_err(db_failure)?,
    }))
}

fn open(service: &Service, sealed: &str) -> Option<ApplicantIdentity> {
    applicant_cookie::open(&service.data_keys, sealed, service.clock.now())
}

fn hashes(service: &Service, identity: &ApplicantIdentity) -> Vec<String> {
    service.data_keys.hash_names(&format!("access-request/{}\u{0}{}", identity.issuer, identity.subject))
}

/// Stores a request. One whose checks fail is refused at once, with the reason.
pub async fn request_access(service: &Service, sealed: &str, new: NewAccessRequest) -> Result<AccessRequest, Failure> {
    let expired = || Failure::new(FailureKind::Unauthenticated, "Your sign-in is too old. Sign in again to ask.");
    let identity = open(service, sealed).ok_or_else(expired)?;
    let organisation = directory::organisation(service, &OdsCode::new(identity.org.clone())).await?;
    let reason = new.reason.trim().to_owned();
    if !(3..=MAX_REASON).contains(&reason.chars().count()) {
        return Err(Failure::bad_request("Say why you need access, in 3 to 500 characters."));
    }
    let hashes = hashes(service, &identity);
    let (keys, now) = (service.data_keys.clone(), service.clock.now());
    let write = service.store.write(async move |tx| {
        let earlier = access_request::list_of_applicant(&tx, &keys, &organisation.ods, &hashes).await?;
        if earlier.iter().any(|request| request.decision.is_none()) {
            return Ok(Err(Failure::new(FailureKind::Conflict, "You have asked already, and it is not decided yet.")));
        }
        if earlier.iter().filter(|request| now.duration_since(request.asked_at) < DAY).count() >= MAX_A_DAY {
            let words = "You have asked five times today. Ask an administrator of your organisation, or try tomorrow.";
            return Ok(Err(Failure::new(FailureKind::TooManyRequests, words)));
        }
        let request = checked_request(&identity, &organisation, (new.role, reason), now);
        let applicant_hash = hashes.into_iter().next().unwrap_or_default();
        let ApplicantIdentity { subject, user_name, .. } = identity;
        let user_name = user_name.unwrap_or_default();
        let stored = StoredRequest { request, applicant_hash, subject, user_name };
        access_request::save(&tx, &keys, &stored).await?;
        Ok(Ok(stored.request))
    });
    write.await?
}

fn checked_request(
    identity: &ApplicantIdentity,
    organisation: &Organisation,
    (role, reason): (Role, String),
    now: Timestamp,
) -> AccessRequest {
    let checks = rules::check_request(organisation, role, &identity.name);
    let failed: Vec<&str> = checks.iter().filter(|check| !check.passed).map(|check| check.what.as_str()).collect();
    let refused = !failed.is_empty();
    AccessRequest {
        id: Uuid::now_v7().to_string(),
        name: identity.name.clone(),
        organisation: organisation.ods.clone(),
        role,
        reason,
        asked_at: now,
        decide_by: rules::decide_by(now),
        decision: refused.then_some(Decision::Refused),
        decided_at: refused.then_some(now),
        decided_by: if refused { "automatic checks".to_owned() } else { String::new() },
        remark: failed.join(" "),
        checks,
    }
}

/// Decides a request. A granted one puts the role into the directory, where the next sign-in finds it.
pub async fn decide(
    service: &Service,
    author: Author,
    id: String,
    decision: Decision,
    role: Option<Role>,
) -> Result<PartnerReceipt, Failure> {
    if !author.is_own_administrator() {
        return Err(Failure::forbidden("An administrator of the organisation decides who works there."));
    }
    if decision == Decision::Refused {
        author.require_reason()?;
    }
    let organisation = directory::organisation(service, &author.organisation).await?;
    let keys = service.data_keys.clone();
    let write = service.store.write(async move |tx| {
        let Some(mut stored) = access_request::find(&tx, &keys, &author.organisation, &id).await? else {
            return Ok(Err(Failure::not_found()));
        };
        if stored.request.decision.is_some() {
            return Ok(Err(Failure::new(FailureKind::Conflict, "This request is decided already.")));
        }
        let role = role.unwrap_or(stored.request.role);
        if let Err(refused) = rules::check_roles(&organisation.kind, &[role].into()) {
            return Ok(Err(refused));
        }
        let words = match decision {
            Decision::Granted => format!("Granted {} access as {}", stored.request.name, role.words()),
            Decision::Refused => format!("Refused {} access", stored.request.name),
        };
        let request = &mut stored.request;
        (request.role, request.decision, request.decided_at) = (role, Some(decision), Some(author.now));
        request.decided_by = author.words();
        request.remark.clone_from(&author.reason);
        if decision == Decision::Granted
            && let Err(refused) = grant(&tx, &keys, &stored, author.now).await?
        {
            return Ok(Err(refused));
        }
        access_request::save(&tx, &keys, &stored).await?;
        let entry = author.entry(words, None);
        partner_change::insert(&tx, &entry).await?;
        Ok(Ok(receipt(&entry, ChangeResult::Id(id))))
    });
    write.await?
}

/// Puts the role into the directory. Refused for somebody whose access has ended: that is restored on purpose, not by a
/// request.
async fn grant(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    stored: &StoredRequest,
    now: Timestamp,
) -> Result<Result<(), Failure>, DbErr> {
    let StoredRequest { request, subject, user_name, .. } = stored;
    let user_name = Some(user_name.as_str()).filter(|name| !name.is_empty());
    let by = Lookup { external_id: Some(subject), user_name, ..Lookup::default() };
    let found = person::find_by(tx, keys, &request.organisation, by).await?;
    if found.iter().any(|person| !person.active) {
        return Ok(Err(Failure::new(
            FailureKind::Conflict,
            "The access of this person was ended. Restore it in the list of people first.",
        )));
    }
    let before = found.into_iter().next();
    let mut after = match &before {
        Some(known) => known.clone(),
        None => new_person(&request.organisation, PersonSource::Request, now),
    };
    if before.is_none() {
        after.details.external_id = Some(subject.clone());
        after.details.user_name = user_name.unwrap_or_default().to_owned();
        after.details.display_name.clone_from(&request.name);
    }
    after.roles.insert(request.role);
    let after = changed(after, before.is_some(), now);
    store_change(tx, keys, before.as_ref(), &after, PersonSource::Request, now).await?;
    Ok(Ok(()))
}
