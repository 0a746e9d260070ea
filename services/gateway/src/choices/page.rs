//! Choices about sharing: practice staff record them, officers review them, patients make their own. Each takes at most
//! three steps: choose, confirm, receipt. Consent decides who may. A choice must never be confirmed before it is in force.

mod templates;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    choices::{Choice, Choices, Direction, Review},
};
use lcr_model::{OdsCode, PersonId};
use uuid::Uuid;

use crate::choices::form::{ChoiceForm, ReviewForm, WithdrawForm};

use crate::{
    choices::choice_list::{
        Audience, choice_line, choice_lines, describe_effects, describe_objection, is_all_sharing_stopped,
    },
    layout::{
        Layout,
        format::{format_moment, format_moment_for_patient},
        html,
    },
    record::banner::Banner,
    rules::policy::OverridePolicy,
    web::{
        error_page::{ErrorPage, as_cannot_record, no_such_page},
        session::SignedInReader,
    },
};
use templates::{ConfirmPage, ListPage, ReceiptPage};

/// One person's choices, and what their pages need for staff or for the patient.
pub(crate) struct ChoicesPages {
    pub(super) reader: SignedInReader,
    pub(super) person: PersonId,
    pub(super) base: String,
    /// The person's banner. The patient's own pages have none.
    pub(super) banner: Option<Banner>,
    pub(super) audience: Audience,
    pub(super) layout: Layout,
    pub(super) choices: Choices,
    /// The policy in force, which says what an emergency changes.
    pub(super) overrides: OverridePolicy,
}

impl ChoicesPages {
    fn for_patient(&self) -> bool {
        self.audience == Audience::Person
    }

    fn form_token(&self) -> String {
        self.reader.signed_in.form_token.as_ref().clone()
    }

    fn error_page(&self, failure: Failure) -> ErrorPage {
        self.reader.error_page(&as_cannot_record(failure))
    }

    pub(super) fn list(self, problem: Option<(Failure, ChoiceForm)>) -> Response {
        let form_token = self.form_token();
        let choices = self.choices;
        let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        let (problem, input) = problem
            .map_or((None, ChoiceForm::default()), |(failure, input)| (Some(failure.outward().to_owned()), input));
        let record = format!("/people/{}", self.person);
        let page = ListPage {
            back: if choices.may_change { record } else { format!("{record}/access") },
            form_token,
            lines: choice_lines(&choices, self.audience),
            may_change: choices.may_change,
            closed: is_all_sharing_stopped(&choices),
            organisations: choices.organisations.iter().map(|(ods, name)| (ods.to_string(), name.clone())).collect(),
            all: describe_effects(Direction::Whole, None, self.audience, self.overrides),
            input,
            layout: self.layout.with_problem(problem.is_some()),
            problem,
            banner: self.banner,
            base: self.base,
        };
        html(status, &page)
    }

    /// The second step: shows what will stop before anything does.
    pub(super) fn confirm(self, input: ChoiceForm) -> Response {
        let new = match input.parse() {
            Ok(new) => new,
            Err(failure) => return self.list(Some((failure, input))),
        };
        let organisation = new.organisation.as_ref().map(|ods| organisation_name(&self.choices, ods));
        let page = ConfirmPage {
            form_token: self.form_token(),
            what: describe_objection(new.direction, organisation.as_deref()),
            stops: describe_effects(new.direction, organisation.as_deref(), self.audience, self.overrides),
            withdraw: None,
            input,
            layout: self.layout,
            banner: self.banner,
            base: self.base,
        };
        html(StatusCode::OK, &page)
    }

    /// The third step: the choice is in force before the receipt is shown.
    pub(super) async fn make(self, input: ChoiceForm) -> Result<Response, ErrorPage> {
        let new = match input.parse() {
            Ok(new) => new,
            Err(failure) => return Ok(self.list(Some((failure, input)))),
        };
        let result = self.reader.app.deps.consent.object(&self.reader.caller(), self.person, new).await;
        match result {
            Ok(receipt) => Ok(self.redirect_to_receipt(receipt.choice.id)),
            Err(failure) if failure.kind == FailureKind::BadRequest => Ok(self.list(Some((failure, input)))),
            Err(failure) => Err(self.error_page(failure)),
        }
    }

    pub(super) async fn withdraw(self, choice: &str, form: &WithdrawForm) -> Result<Response, ErrorPage> {
        let choice = self.find_choice(choice)?;
        if form.sure != "yes" {
            let page = ConfirmPage {
                form_token: self.form_token(),
                what: describe_objection(choice.direction, choice.organisation_name.as_deref()),
                stops: describe_effects(
                    choice.direction,
                    choice.organisation_name.as_deref(),
                    self.audience,
                    self.overrides,
                ),
                withdraw: Some(choice.id.to_string()),
                input: ChoiceForm::default(),
                layout: self.layout,
                banner: self.banner,
                base: self.base,
            };
            return Ok(html(StatusCode::OK, &page));
        }
        let reason = Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let consent = &self.reader.app.deps.consent;
        match consent.withdraw_because(&self.reader.caller(), self.person, choice.id, reason).await {
            Ok(_) => Ok(self.redirect_to_receipt(choice.id)),
            Err(failure) if failure.kind == FailureKind::BadRequest => {
                Ok(self.list(Some((failure, ChoiceForm::default()))))
            }
            Err(failure) => Err(self.error_page(failure)),
        }
    }

    pub(super) async fn review(self, choice: &str, form: ReviewForm) -> Result<Response, ErrorPage> {
        let choice = self.find_choice(choice)?;
        let uphold = match form.decision.as_str() {
            "uphold" => true,
            "refuse" => false,
            _ => {
                let failure = Failure::bad_request("Choose whether to uphold or to refuse the objection.");
                return Ok(self.list(Some((failure, ChoiceForm::default()))));
            }
        };
        let review = Review { uphold, reason: form.reason.trim().to_owned() };
        let result = self.reader.app.deps.consent.review(&self.reader.caller(), self.person, choice.id, review).await;
        match result {
            Ok(_) => Ok(self.redirect_to_receipt(choice.id)),
            Err(failure) if failure.kind == FailureKind::BadRequest => {
                Ok(self.list(Some((failure, ChoiceForm::default()))))
            }
            Err(failure) => Err(self.error_page(failure)),
        }
    }

    /// The receipt, built from the choice as it stands now.
    pub(super) fn receipt(self, choice: &str) -> Result<Response, ErrorPage> {
        let choice = self.find_choice(choice)?;
        let from = if self.for_patient() {
            format_moment_for_patient(choice.changed_at)
        } else {
            format_moment(choice.changed_at)
        };
        let page = ReceiptPage {
            line: choice_line(&choice, &self.choices, self.audience),
            stops: describe_effects(
                choice.direction,
                choice.organisation_name.as_deref(),
                self.audience,
                self.overrides,
            ),
            from,
            layout: self.layout,
            banner: self.banner,
            base: self.base,
        };
        Ok(html(StatusCode::OK, &page))
    }

    fn find_choice(&self, choice: &str) -> Result<Choice, ErrorPage> {
        find_by_id(&self.choices, choice).cloned().ok_or_else(|| self.error_page(no_such_page()))
    }

    fn redirect_to_receipt(&self, choice: Uuid) -> Response {
        Redirect::to(&format!("{}/{choice}", self.base)).into_response()
    }
}

fn find_by_id<'a>(choices: &'a Choices, id: &str) -> Option<&'a Choice> {
    let id: Uuid = id.parse().ok()?;
    choices.choices.iter().find(|choice| choice.id == id)
}

fn organisation_name(choices: &Choices, ods: &OdsCode) -> String {
    let known = choices.organisations.iter().find(|(code, _)| code == ods);
    known.map_or_else(|| format!("organisation {ods}"), |(_, name)| name.clone())
}
