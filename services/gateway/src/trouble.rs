//! The one place where a failure becomes a status and words (`portal.md`, "Words for trouble"). The words
//! never say more of a person than the failure's kind allows, and the inward text goes to the log alone.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};

use crate::page::{Frame, html};

/// A page that says what went wrong.
#[derive(Debug)]
pub(crate) struct Trouble(Box<Response>);

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What is said for one kind of failure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub status: StatusCode,
    pub heading: &'static str,
    pub text: String,
    /// Ways on: (words, where to).
    pub ways: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    frame: Frame,
    words: Words,
}

pub(crate) const CANNOT_RECORD: &str = "We can't show patient records right now because we can't record who looks at \
     them. Nothing is lost. Try again in a minute, or use your local system.";
pub(crate) const NO_ONE: &str = "No one matches. Check the NHS number, or search by name and date of birth.";
const OBJECTED: &str = "This person has objected to sharing. No information is shown. Ask them, or contact their \
                        registered practice. This does not mean there is none.";
const HOME: (&str, &str) = ("Go to home", "/home");
const SEARCH: (&str, &str) = ("Search for another person", "/search");

/// For an address that names no page: nobody was looked for.
pub(crate) const NO_PAGE: &str = "There is no page at this address.";

/// The words and status of a failure.
pub(crate) fn words(failure: &Failure) -> Words {
    let said = || failure.outward().to_owned();
    let (status, heading, text, ways): (_, _, String, &'static [(&str, &str)]) = match failure.kind {
        Kind::CannotRecord => (503, "Records cannot be shown right now", CANNOT_RECORD.into(), &[HOME]),
        Kind::NoRelationship => {
            (403, "No record of a caring relationship", no_relationship(), &[SEARCH, HOME])
        }
        Kind::Objected => (403, "No information is shown", objected(failure), &[SEARCH, HOME]),
        Kind::Forbidden => (403, "This is not open to your role", said(), &[HOME]),
        Kind::NotFound if failure.outward() == NO_PAGE => {
            (404, "No such page", NO_PAGE.into(), &[SEARCH, HOME])
        }
        Kind::NotFound => (404, "Not found", NO_ONE.into(), &[SEARCH, HOME]),
        Kind::Unauthenticated => {
            (401, "You are not signed in", "Sign in to go on.".into(), &[("Sign in", "/sign-in")])
        }
        Kind::CatchingUp => (503, "Still catching up", catching_up(), &[HOME]),
        Kind::Unavailable | Kind::Timeout => {
            (503, "Part of the service did not answer", unavailable(), &[HOME])
        }
        Kind::TooManyRequests => (429, "Too many requests", "Wait a minute, then try again.".into(), &[HOME]),
        Kind::MethodNotAllowed => (405, "That is not done this way", said(), &[HOME]),
        Kind::Misdirected => (421, "Not served under this address", said(), &[HOME]),
        Kind::BadRequest => (400, "That could not be read", said(), &[HOME]),
        Kind::TooLarge => (413, "Too large", said(), &[HOME]),
        Kind::Conflict => (409, "This changed meanwhile", said(), &[HOME]),
        Kind::Internal => (500, "Something went wrong on our side", internal(), &[HOME]),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let ways = ways.iter().map(|(words, href)| (*words, (*href).to_owned())).collect();
    Words { status, heading, text, ways }
}

fn no_relationship() -> String {
    "We have no record that you are caring for this person. If you are, ask your organisation to record it (a \
     registration, a referral, an appointment or an admission), or use your local system. You can also go back."
        .into()
}

/// The failure's own words are used when they are the sentence meant and name the practice to contact.
fn objected(failure: &Failure) -> String {
    let said = failure.outward();
    let whole = said.starts_with("This person has objected to sharing.") && said.contains("or contact ");
    if whole { said.into() } else { OBJECTED.into() }
}

/// What a failure of the log or of consent itself means: nobody can be shown anything of anybody.
pub(crate) fn keeper_is_down(failure: Failure) -> Failure {
    match failure.kind {
        Kind::Unavailable | Kind::Timeout => Failure::cannot_record(failure.inward()),
        _ => failure,
    }
}

fn catching_up() -> String {
    "Details of this person changed a moment ago and are still being checked. Nothing is shown until they are. Try \
     again in a few seconds."
        .into()
}

fn unavailable() -> String {
    "Part of the Leeds Care Record did not answer in time. Try again in a minute, or use your local system."
        .into()
}

fn internal() -> String {
    "This page could not be shown. Nothing is lost. Try again, or use your local system.".into()
}

/// The page for a failure.
pub(crate) fn trouble_page(frame: Frame, failure: &Failure) -> Trouble {
    trouble_with(frame, failure, None)
}

/// The same with one more way on.
pub(crate) fn trouble_with(
    mut frame: Frame,
    failure: &Failure,
    way: Option<(&'static str, String)>,
) -> Trouble {
    let mut words = words(failure);
    words.ways.splice(0..0, way);
    if words.status.is_server_error() {
        tracing::warn!(?failure, "a page could not be shown");
    }
    words.heading.clone_into(&mut frame.title);
    let status = words.status;
    let mut response = html(status, &TroublePage { frame, words });
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    }
    Trouble(Box::new(response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objection_names_the_practice_where_the_failure_does() {
        let named = "This person has objected to sharing. No information is shown. Ask them, or contact Beckside \
                     Surgery. This does not mean there is none.";
        assert_eq!(words(&Failure::new(Kind::Objected, named)).text, named);
        let short =
            "This person has objected to sharing. No information is shown. This does not mean there is none.";
        assert_eq!(
            words(&Failure::new(Kind::Objected, short)).text,
            OBJECTED,
            "the way on is never left out"
        );
    }

    #[test]
    fn every_kind_has_its_status_and_words() {
        let cases = [
            (Kind::CannotRecord, 503, "because we can't record who looks at them"),
            (Kind::NoRelationship, 403, "We have no record that you are caring for this person."),
            (Kind::Objected, 403, "This does not mean there is none."),
            (Kind::NotFound, 404, "No one matches. Check the NHS number"),
            (Kind::CatchingUp, 503, "Try again in a few seconds"),
            (Kind::Timeout, 503, "use your local system"),
        ];
        for (kind, status, part) in cases {
            let words = words(&Failure::new(kind, "said").because("inward detail"));
            assert_eq!(words.status.as_u16(), status, "{kind:?}");
            assert!(words.text.contains(part), "{kind:?}: {}", words.text);
            assert!(!words.text.contains("inward"), "{kind:?}");
        }
    }
}
