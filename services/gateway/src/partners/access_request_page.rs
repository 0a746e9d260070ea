//! The page of a request for access. The applicant has no session: a sealed cookie that identity made says who they are, and
//! the check of the origin takes the place of the form token. The cookie is `SameSite=Lax`, so that no other site can send it.

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{Failure, FailureKind, partners::people::Applicant};
use lcr_model::Phi;
use lcr_web::cookies::{self, APPLICANT_COOKIE};

use crate::{
    forms::{
        form_input::Values,
        page::{Section, show},
        submission::FormSubmission,
    },
    layout::Layout,
    partners::access_request_form::{PAGE, read_request, request_form, request_section},
    state::App,
    web::{csrf::is_same_origin, error_page::error_page},
};

const UNKNOWN: &str = "We do not know who asks: the sign-in is older than 30 minutes, or this browser did not \
    sign in. Sign in again to ask for access.";

pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    match load(&app, &headers).await {
        Ok((applicant, _)) => draw(&app, &applicant, &FormSubmission::default()),
        Err(failure) => error_page(Layout::new(&app, ""), &failure).into_response(),
    }
}

pub(crate) async fn ask(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Form<Values>, FormRejection>,
) -> Response {
    match send(&app, &headers, form).await {
        Ok(response) => response,
        Err(failure) => error_page(Layout::new(&app, ""), &failure).into_response(),
    }
}

async fn send(app: &App, headers: &HeaderMap, form: Result<Form<Values>, FormRejection>) -> Result<Response, Failure> {
    if !is_same_origin(headers, &app.deps.settings.public_origin) {
        return Err(Failure::forbidden("This form did not come from an open page of yours. Go back and try again."));
    }
    let (applicant, sealed) = load(app, headers).await?;
    let Ok(Form(values)) = form else {
        return Err(Failure::bad_request("The form could not be read. Go back and try again."));
    };
    let request = match read_request(&values) {
        Ok(request) => request,
        Err(problem) => return Ok(draw(app, &applicant, &FormSubmission::refused_because(values, problem))),
    };
    match app.deps.partners.request_access(&sealed, request).await {
        Ok(_) => Ok(Redirect::to(PAGE).into_response()),
        Err(failure) => Ok(draw(app, &applicant, &FormSubmission::failed(values, &failure))),
    }
}

/// The applicant of the cookie.
async fn load(app: &App, headers: &HeaderMap) -> Result<(Applicant, Phi<String>), Failure> {
    let unknown = || Failure::new(FailureKind::Unauthenticated, UNKNOWN);
    let sealed = Phi::new(cookies::value_of(headers, APPLICANT_COOKIE).ok_or_else(unknown)?);
    let applicant = app.deps.partners.applicant(&sealed).await?.ok_or_else(unknown)?;
    Ok((applicant, sealed))
}

fn draw(app: &App, applicant: &Applicant, submission: &FormSubmission) -> Response {
    let who = Section::new("", "")
        .fact("Name", applicant.name.clone())
        .fact("Organisation", format!("{} ({})", applicant.organisation_name, applicant.organisation));
    let mut sections = vec![who];
    sections.extend(applicant.requests.iter().map(request_section));
    sections.extend(request_form(applicant, submission));
    let title = "Your request for access";
    show(Layout::new(app, title), title, None, sections, submission)
}
