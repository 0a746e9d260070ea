//! The forms of incidents. A text about a problem must never repeat what was typed.

use lcr_contracts::{Failure, incidents::NewIncident};
use lcr_model::{OdsCode, PersonId, UserId};

use crate::{
    access_log::log_search_form::parse_time,
    forms::{form::Form, form_input::Values, submission::FormSubmission},
};

/// The list of incidents, and the address of the form that opens one.
pub(crate) const LIST: &str = "/privacy/incidents";
pub(crate) const OPEN: &str = "open";
pub(crate) const SHARE: &str = "share";
pub(crate) const END_SHARE: &str = "end-share";
pub(crate) const CLOSE: &str = "close";

const TIME_HINT: &str = "Day and time, for example 2026-11-05 09:00";

/// The form that opens an incident about this person, and about one user if `user` is not empty.
pub(crate) fn open_form(person: PersonId, user: &str, token: &str, submission: &FormSubmission) -> Form {
    Form::new(OPEN, "", LIST, token, submission)
        .hidden("person", person.to_string())
        .hidden("user", user)
        .line("title", "What it is about", "3 to 100 characters. Name nobody.", "")
        .long("note", "Note", "At most 2000 characters. Officers with whom you share the incident read it.", "")
        .line("from", "From", TIME_HINT, "")
        .line("until", "Until", TIME_HINT, "")
        .button("Open the incident")
}

/// Reads the form that opens an incident.
pub(crate) fn read_new(values: &Values) -> Result<NewIncident, Failure> {
    let person = values.one_of::<PersonId>("person", "Choose the person by way of the search.");
    let time = |name: &str, label: &str| {
        let missing = || Failure::bad_request(format!("{label} is missing: enter a day and a time."));
        parse_time(values.unchanged(name), label)?.ok_or_else(missing)
    };
    Ok(NewIncident {
        title: values.text("title"),
        note: values.text("note"),
        person: person.map_err(Failure::bad_request)?,
        user: values.optional("user").map(UserId::new),
        from: time("from", "From")?,
        until: time("until", "Until")?,
    })
}

/// The organisation of a form that shares an incident or ends a share: the value of this field.
pub(crate) fn read_organisation(values: &Values, field: &str) -> Result<OdsCode, Failure> {
    OdsCode::parse(&values.text(field)).ok_or_else(|| Failure::bad_request("Choose an organisation."))
}
