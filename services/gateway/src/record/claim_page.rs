//! The forms of a record that does not open or withholds something: a reader says why they are involved, or overrides what
//! is closed. Consent decides and records before more opens. A form that is not complete must come back as it was sent.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    claims::ClaimReceipt,
    consent::{Explanation, Refusal},
    vocabulary::ReasonCode,
};
use lcr_model::PersonId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    cache::open_overrides::OpenOverride,
    claims::form::{CLAIM_REASON, ClaimInput, OVERRIDE_REASON, OverrideInput},
    forms::field_problem::FieldProblem,
    record::{
        person_page::{ends_right, parse_person_id},
        refusal_page::{SentForms, refused, withheld},
    },
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

/// The same text for every cause, so that nobody learns of a choice by a claim.
const DOES_NOT_OPEN: &str =
    "The record does not open this way. Use your local system, or call those who care for the person.";

const NO_SUCH_OVERRIDE: &str =
    "This emergency access is not on record as yours. Open the record again to see whether it is open.";

pub(crate) async fn claim(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<ClaimInput>,
) -> Result<Response, ErrorPage> {
    let person = parse_person_id(&reader, &id)?;
    let answer = match form.parse() {
        Ok(new) => Ok(reader.app.deps.consent.claim(&reader.caller(), person, new).await),
        Err(problems) => Err(problems),
    };
    answer_form(&reader, person, answer, CLAIM_REASON, SentForms { claim: form, ..SentForms::default() }).await
}

pub(crate) async fn override_refusal(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<OverrideInput>,
) -> Result<Response, ErrorPage> {
    let person = parse_person_id(&reader, &id)?;
    let (caller, signed_in_at) = (reader.caller(), reader.signed_in.signed_in_at);
    let answer = match form.parse() {
        Ok(new) => Ok(reader.app.deps.consent.override_refusal(&caller, person, new, signed_in_at).await),
        Err(problems) => Err(problems),
    };
    if let Ok(Ok(receipt)) = &answer {
        let open = OpenOverride { claim: receipt.id, until: receipt.until };
        reader.app.open_overrides.add(&reader.signed_in.actor, person, open).await;
    }
    answer_form(&reader, person, answer, OVERRIDE_REASON, SentForms { emergency: form, ..SentForms::default() }).await
}

/// Which override the button of a record page ends.
#[derive(Deserialize)]
pub(crate) struct EndInput {
    #[serde(default)]
    claim: String,
}

/// Ends the reader's own override at once. What the record page then shows is decided anew.
pub(crate) async fn end_override(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<EndInput>,
) -> Result<Response, ErrorPage> {
    let person = parse_person_id(&reader, &id)?;
    let not_known = || reader.error_page(&Failure::bad_request(NO_SUCH_OVERRIDE));
    let claim: Uuid = form.claim.parse().map_err(|_| not_known())?;
    match reader.app.deps.consent.end_override(&reader.caller(), person, claim).await {
        Ok(()) => {
            reader.app.open_overrides.remove(&reader.signed_in.actor, person).await;
            Ok(record_redirect(person))
        }
        Err(failure) if failure.kind == FailureKind::NotFound => Err(not_known()),
        Err(failure) => Err(reader.error_page(&failure)),
    }
}

/// The form of an override, of a record that is open or refused.
pub(crate) async fn override_page(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, ErrorPage> {
    let person = parse_person_id(&reader, &id)?;
    let explanation = explain(&reader, person).await?;
    Ok(forms_page(&reader, person, &explanation, SentForms::default()).await)
}

/// Signing in again leads to the address of the form, which is no page.
pub(crate) async fn to_record(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, ErrorPage> {
    Ok(record_redirect(parse_person_id(&reader, &id)?))
}

fn record_redirect(person: PersonId) -> Response {
    Redirect::to(&format!("/people/{person}")).into_response()
}

/// Leads to the record, or shows the form again with what is wrong. `field` is the first field of the form.
async fn answer_form(
    reader: &SignedInReader,
    person: PersonId,
    answer: Result<Result<ClaimReceipt, Failure>, Vec<FieldProblem>>,
    field: &str,
    mut sent: SentForms,
) -> Result<Response, ErrorPage> {
    sent.problems = match answer {
        Ok(Ok(_)) => return Ok(record_redirect(person)),
        Ok(Err(failure)) if is_correctable(&failure) => vec![FieldProblem::new(field, failure.outward())],
        Ok(Err(failure)) if ends_right(&failure) => vec![FieldProblem::new(field, DOES_NOT_OPEN)],
        Ok(Err(failure)) => return Err(reader.error_page(&as_cannot_record(failure))),
        Err(problems) => problems,
    };
    let explanation = explain(reader, person).await?;
    let has_form = !explanation.allowed || field == OVERRIDE_REASON && !explanation.offer.override_for.is_empty();
    if !has_form {
        return Ok(record_redirect(person));
    }
    Ok(forms_page(reader, person, &explanation, sent).await)
}

async fn explain(reader: &SignedInReader, person: PersonId) -> Result<Explanation, ErrorPage> {
    let explanation = reader.app.deps.consent.explain(&reader.caller(), person).await;
    explanation.map_err(|failure| reader.error_page(&as_cannot_record(failure)))
}

/// The page with what consent offers.
async fn forms_page(reader: &SignedInReader, person: PersonId, explanation: &Explanation, sent: SentForms) -> Response {
    if explanation.allowed {
        withheld(reader, person, &explanation.offer, sent).await
    } else {
        refused(reader, person, &refusal_of(explanation), &explanation.offer, sent).await
    }
}

/// Whether the reader can do something about it on the form.
fn is_correctable(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::BadRequest | FailureKind::Forbidden | FailureKind::Conflict | FailureKind::TooManyRequests
    )
}

fn refusal_of(explanation: &Explanation) -> Failure {
    let objected = explanation.reason == ReasonCode::Refused(Refusal::Objected);
    Failure::new(if objected { FailureKind::Objected } else { FailureKind::NoRelationship }, "")
}
