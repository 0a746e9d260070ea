//! Choices about sharing: for the staff of the registered practice who take one down, for officers who review it,
//! and for the person themself. Three steps at most: choose, confirm, receipt. Consent says who may; nothing is
//! acknowledged here before it is in force.

pub(crate) mod desk;
mod form;
pub(crate) mod own;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, Kind,
    choices::{Choice, Choices, Direction, Review},
};
use lcr_model::{OdsCode, PersonId};
use uuid::Uuid;

use form::{Fields, Reviewed, Sure};

use crate::{
    page::{Frame, html},
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::{
        banner::Banner,
        choices::{ChoiceLine, For, all_closed, line, lines, stops, what},
        words::{moment, patient_moment},
    },
};

/// Whose choices, and at which desk they are read and made.
pub(crate) struct Desk {
    reader: SignedInReader,
    person: PersonId,
    base: String,
    /// Who the page is about; the person's own pages need no banner.
    banner: Option<Banner>,
    words: For,
    frame: Frame,
    choices: Choices,
}

#[derive(Template)]
#[template(path = "choices.html")]
struct ListPage {
    frame: Frame,
    banner: Option<Banner>,
    base: String,
    /// Where staff came from.
    back: String,
    form_token: String,
    lines: Vec<ChoiceLine>,
    may_change: bool,
    /// An objection to all sharing is in force: there is nothing wider to make.
    closed: bool,
    organisations: Vec<(String, String)>,
    typed: Fields,
    problem: Option<String>,
    all: Vec<String>,
}

#[derive(Template)]
#[template(path = "choice_confirm.html")]
struct ConfirmPage {
    frame: Frame,
    banner: Option<Banner>,
    base: String,
    form_token: String,
    what: String,
    stops: Vec<String>,
    /// The choice that is taken back; `None` where one is made.
    withdraw: Option<String>,
    typed: Fields,
}

#[derive(Template)]
#[template(path = "choice_receipt.html")]
struct ReceiptPage {
    frame: Frame,
    banner: Option<Banner>,
    base: String,
    line: ChoiceLine,
    from: String,
    stops: Vec<String>,
}

impl Desk {
    fn own(&self) -> bool {
        self.words == For::Person
    }

    fn form_token(&self) -> String {
        self.reader.signed_in.form_token.as_ref().clone()
    }

    fn fails(&self, failure: Failure) -> Trouble {
        self.reader.fails(&keeper_is_down(failure))
    }

    pub(super) fn list(self, problem: Option<(Failure, Fields)>) -> Response {
        let form_token = self.form_token();
        let choices = self.choices;
        let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        let (problem, typed) = problem.map_or((None, Fields::default()), |(failure, typed)| {
            (Some(failure.outward().to_owned()), typed)
        });
        let record = format!("/people/{}", self.person);
        let page = ListPage {
            back: if choices.may_change { record } else { format!("{record}/access") },
            form_token,
            lines: lines(&choices, self.words),
            may_change: choices.may_change,
            closed: all_closed(&choices),
            organisations: choices
                .organisations
                .iter()
                .map(|(ods, name)| (ods.to_string(), name.clone()))
                .collect(),
            all: stops(Direction::Whole, None, self.words),
            typed,
            problem,
            frame: self.frame,
            banner: self.banner,
            base: self.base,
        };
        html(status, &page)
    }

    /// The second step: what stops, in both directions, before anything does.
    pub(super) fn confirm(self, typed: Fields) -> Response {
        let new = match typed.read() {
            Ok(new) => new,
            Err(failure) => return self.list(Some((failure, typed))),
        };
        let named = new.organisation.as_ref().map(|ods| name(&self.choices, ods));
        let page = ConfirmPage {
            form_token: self.form_token(),
            what: what(new.direction, named.as_deref()),
            stops: stops(new.direction, named.as_deref(), self.words),
            withdraw: None,
            typed,
            frame: self.frame,
            banner: self.banner,
            base: self.base,
        };
        html(StatusCode::OK, &page)
    }

    /// The third: made, and in force before the receipt is shown.
    pub(super) async fn make(self, typed: Fields) -> Result<Response, Trouble> {
        let new = match typed.read() {
            Ok(new) => new,
            Err(failure) => return Ok(self.list(Some((failure, typed)))),
        };
        let made = self.reader.app.deps.consent.object(&self.reader.caller(), self.person, new).await;
        match made {
            Ok(receipt) => Ok(self.to_receipt(receipt.choice.id)),
            Err(failure) if failure.kind == Kind::BadRequest => Ok(self.list(Some((failure, typed)))),
            Err(failure) => Err(self.fails(failure)),
        }
    }

    pub(super) async fn withdraw(self, choice: &str, sure: &Sure) -> Result<Response, Trouble> {
        let found = self.found(choice)?;
        if sure.sure != "yes" {
            let page = ConfirmPage {
                form_token: self.form_token(),
                what: what(found.direction, found.organisation_name.as_deref()),
                stops: stops(found.direction, found.organisation_name.as_deref(), self.words),
                withdraw: Some(found.id.to_string()),
                typed: Fields::default(),
                frame: self.frame,
                banner: self.banner,
                base: self.base,
            };
            return Ok(html(StatusCode::OK, &page));
        }
        let reason = Some(sure.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let consent = &self.reader.app.deps.consent;
        match consent.withdraw_because(&self.reader.caller(), self.person, found.id, reason).await {
            Ok(_) => Ok(self.to_receipt(found.id)),
            Err(failure) if failure.kind == Kind::BadRequest => {
                Ok(self.list(Some((failure, Fields::default()))))
            }
            Err(failure) => Err(self.fails(failure)),
        }
    }

    pub(super) async fn review(self, choice: &str, reviewed: Reviewed) -> Result<Response, Trouble> {
        let found = self.found(choice)?;
        let uphold = match reviewed.decision.as_str() {
            "uphold" => true,
            "refuse" => false,
            _ => {
                let failure = Failure::bad_request("Choose whether to uphold or to refuse the objection.");
                return Ok(self.list(Some((failure, Fields::default()))));
            }
        };
        let review = Review { uphold, reason: reviewed.reason.trim().to_owned() };
        let done =
            self.reader.app.deps.consent.review(&self.reader.caller(), self.person, found.id, review).await;
        match done {
            Ok(_) => Ok(self.to_receipt(found.id)),
            Err(failure) if failure.kind == Kind::BadRequest => {
                Ok(self.list(Some((failure, Fields::default()))))
            }
            Err(failure) => Err(self.fails(failure)),
        }
    }

    /// The receipt, each time it is opened made from the choice as it stands.
    pub(super) fn receipt(self, choice: &str) -> Result<Response, Trouble> {
        let found = self.found(choice)?;
        let from = if self.own() { patient_moment(found.changed_at) } else { moment(found.changed_at) };
        let page = ReceiptPage {
            line: line(&found, &self.choices, self.words),
            stops: stops(found.direction, found.organisation_name.as_deref(), self.words),
            from,
            frame: self.frame,
            banner: self.banner,
            base: self.base,
        };
        Ok(html(StatusCode::OK, &page))
    }

    fn found(&self, choice: &str) -> Result<Choice, Trouble> {
        pick(&self.choices, choice).cloned().ok_or_else(|| self.fails(gone()))
    }

    fn to_receipt(&self, choice: Uuid) -> Response {
        Redirect::to(&format!("{}/{choice}", self.base)).into_response()
    }
}

fn pick<'a>(choices: &'a Choices, id: &str) -> Option<&'a Choice> {
    let id: Uuid = id.parse().ok()?;
    choices.choices.iter().find(|choice| choice.id == id)
}

fn gone() -> Failure {
    Failure::new(Kind::NotFound, crate::trouble::NO_PAGE)
}

fn name(choices: &Choices, ods: &OdsCode) -> String {
    let found = choices.organisations.iter().find(|(one, _)| one == ods);
    found.map_or_else(|| format!("organisation {ods}"), |(_, name)| name.clone())
}

impl ListPage {
    fn own(&self) -> bool {
        self.banner.is_none()
    }
}

impl ConfirmPage {
    fn own(&self) -> bool {
        self.banner.is_none()
    }

    /// The banner's name is the first heading where there is one.
    fn level(&self) -> &'static str {
        if self.own() { "h1" } else { "h2" }
    }
}

impl ReceiptPage {
    fn own(&self) -> bool {
        self.banner.is_none()
    }

    /// The banner's name is the first heading where there is one.
    fn level(&self) -> &'static str {
        if self.own() { "h1" } else { "h2" }
    }
}
