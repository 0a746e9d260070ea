//! One organisation's file for a page, and the way of a change to identity. A change that is refused must come back with what
//! was typed.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    partners::{ChangeResult, PartnerChange, PartnerFile, PartnerReceipt, PartnerRequest},
};
use lcr_model::{OdsCode, Role};
use serde::Deserialize;

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        page::{Section, failure_page, show},
        submission::{CHECK_FAILED, CHECK_PASSED, DoneQuery, FormSubmission},
    },
    layout::Nav,
    state::App,
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, no_such_page},
        session::SignedInReader,
    },
};

/// A change, or what is wrong with the form.
pub(crate) type ReadForm = Result<PartnerChange, String>;

/// An organisation whose file the reader may see.
pub(crate) struct Partner {
    pub reader: SignedInReader,
    pub file: PartnerFile,
}

/// A request for a page of an organisation, and the form that led there.
pub(crate) struct PartnerPage {
    pub partner: Partner,
    pub submission: FormSubmission,
}

/// A form of a page of an organisation. Its origin and its token were checked.
pub(crate) struct PartnerForm {
    pub partner: Partner,
    pub form: Values,
}

/// The organisation of an address. The other parts of the address are for its own page.
#[derive(Deserialize)]
struct OrganisationPath {
    ods: String,
}

impl FromRequestParts<App> for PartnerPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let reader = SignedInReader::from_request_parts(parts, app).await?;
        let Path(path) = read_path(parts, app).await?;
        let query = Query::<DoneQuery>::from_request_parts(parts, app).await;
        let Query(query) = query.map_err(IntoResponse::into_response)?;
        let partner = Partner::load(reader, &path.ods).await.map_err(IntoResponse::into_response)?;
        Ok(Self { partner, submission: FormSubmission::after(&query) })
    }
}

impl FromRequest<App> for PartnerForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Path(path) = read_path(&mut parts, app).await?;
        let CsrfForm { reader, form } = CsrfForm::<Values>::from_request(Request::from_parts(parts, body), app).await?;
        let partner = Partner::load(reader, &path.ods).await.map_err(IntoResponse::into_response)?;
        Ok(Self { partner, form })
    }
}

async fn read_path(parts: &mut Parts, app: &App) -> Result<Path<OrganisationPath>, Response> {
    Path::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)
}

impl Partner {
    /// # Errors
    /// An error page, which is the same for an organisation that does not exist and for another's.
    pub async fn load(reader: SignedInReader, ods: &str) -> Result<Self, ErrorPage> {
        let Some(ods) = OdsCode::parse(ods) else { return Err(reader.error_page(&no_such_page())) };
        let file = reader.app.deps.partners.partner(&reader.caller(), &ods).await;
        let file = file.map_err(|failure| failure_page(&reader, &failure))?;
        Ok(Self { reader, file })
    }

    pub fn ods(&self) -> &OdsCode {
        &self.file.organisation.ods
    }

    pub fn name(&self) -> &str {
        &self.file.organisation.name
    }

    /// The address of one of its pages, such as `/details`; its own for an empty text.
    pub fn path(&self, page: &str) -> String {
        format!("/partners/{}{page}", self.ods())
    }

    /// Whether the reader administers the organisation itself.
    pub fn is_own_administrator(&self) -> bool {
        self.reader.has_role(&[Role::OrgAdmin]) && self.reader.signed_in.actor.org == *self.ods()
    }

    /// Whether the reader administers the organisation or the platform.
    pub fn is_administrator(&self) -> bool {
        self.is_own_administrator() || self.is_platform_administrator()
    }

    pub fn is_platform_administrator(&self) -> bool {
        self.reader.has_role(&[Role::PlatformAdmin])
    }

    /// A form that is sent to `page` by an administrator of the organisation or of the platform.
    pub fn form(&self, act: &'static str, row: &str, page: &str, submission: &FormSubmission) -> Form {
        self.reader_form(act, row, page, submission).only_if(self.is_administrator())
    }

    /// A form that is sent to `page` by an administrator of the organisation itself.
    pub fn own_form(&self, act: &'static str, row: &str, page: &str, submission: &FormSubmission) -> Form {
        self.reader_form(act, row, page, submission).only_if(self.is_own_administrator())
    }

    /// A form that is sent to `page` by whoever reads it.
    pub fn reader_form(&self, act: &'static str, row: &str, page: &str, submission: &FormSubmission) -> Form {
        Form::new(act, row, &self.path(page), self.reader.signed_in.form_token.as_ref(), submission)
    }

    /// Makes the change.
    ///
    /// # Errors
    /// The form with what was typed and why it was refused.
    pub async fn change(&self, values: Values, change: ReadForm) -> Result<PartnerReceipt, FormSubmission> {
        submit(&self.reader, self.ods(), values, change).await
    }

    /// The page to show after a change that says enough by itself.
    pub fn saved(&self, page: &str) -> Response {
        Redirect::to(&format!("{}?done=1", self.path(page))).into_response()
    }

    /// The same after a change that may have been a check, whose result the page then says.
    pub fn saved_or_checked(&self, page: &str, result: &ChangeResult) -> Response {
        let mark = match result {
            ChangeResult::Report(report) if report.passed() => CHECK_PASSED,
            ChangeResult::Report(_) => CHECK_FAILED,
            _ => return self.saved(page),
        };
        Redirect::to(&format!("{}?done={mark}", self.path(page))).into_response()
    }

    /// A page below the steps.
    pub fn show(&self, title: &str, sections: Vec<Section>, submission: &FormSubmission) -> Response {
        let back = (format!("Steps of {}", self.name()), self.path(""));
        self.show_below(title, back, sections, submission)
    }

    pub fn show_below(
        &self,
        title: &str,
        back: (String, String),
        sections: Vec<Section>,
        submission: &FormSubmission,
    ) -> Response {
        let layout = self.reader.layout(title, Nav::Partners);
        show(layout, title, Some(back), self.with_note(sections), submission)
    }

    /// The sections, after a sentence that says who can do what the reader may not.
    pub fn with_note(&self, mut sections: Vec<Section>) -> Vec<Section> {
        if sections.iter().any(|section| section.lacks_forms) {
            let name = self.name();
            let text = if self.is_administrator() {
                format!("Some changes here are for an administrator of {name} alone. Their forms are not shown to you.")
            } else {
                format!("You can read this page. An administrator of {name} can change what is on it.")
            };
            sections.insert(0, Section::new("", "").text(text));
        }
        sections
    }
}

/// Sends a change to identity.
///
/// # Errors
/// The form with what was typed and why it was refused.
pub(crate) async fn submit(
    reader: &SignedInReader,
    organisation: &OdsCode,
    values: Values,
    change: ReadForm,
) -> Result<PartnerReceipt, FormSubmission> {
    let change = match change {
        Ok(change) => change,
        Err(problem) => return Err(FormSubmission::refused_because(values, problem)),
    };
    let request = PartnerRequest { organisation: organisation.clone(), reason: values.text("reason"), change };
    match reader.app.deps.partners.change(&reader.caller(), request).await {
        Ok(receipt) => Ok(receipt),
        Err(failure) if failure.kind == FailureKind::NotFound => {
            let text = "This is not there any more. Reload the page and try again.";
            Err(FormSubmission::failed(values, &Failure::bad_request(text)))
        }
        Err(failure) => Err(FormSubmission::failed(values, &failure)),
    }
}
