//! What an incident must be before it is opened. Pure. A problem must never repeat what was typed.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure,
    incidents::{MAX_INCIDENT_DAYS, MAX_INCIDENT_NOTE, NewIncident},
};
use lcr_model::{OdsCode, UserId};

const TITLE_CHARS: std::ops::RangeInclusive<usize> = 3..=100;
const MAX_USER_CHARS: usize = 200;

/// Checks an incident, and returns it without spaces at the ends of its texts.
///
/// # Errors
/// What is wrong, in words for the officer.
pub fn check(new: &NewIncident, now: Timestamp) -> Result<NewIncident, Failure> {
    let (title, note) = (new.title.trim().to_owned(), new.note.trim().to_owned());
    let user = new.user.as_ref().map(|user| user.as_str().trim().to_owned()).filter(|user| !user.is_empty());
    let problem = if !TITLE_CHARS.contains(&title.chars().count()) || title.chars().any(char::is_control) {
        Some("The title needs 3 to 100 characters on one line.")
    } else if note.chars().count() > MAX_INCIDENT_NOTE {
        Some("The note may have at most 2000 characters.")
    } else if user.as_ref().is_some_and(|user| user.chars().count() > MAX_USER_CHARS) {
        Some("The user's id is too long.")
    } else if new.from > now {
        Some("The period cannot begin in the future.")
    } else if new.until <= new.from {
        Some("The period must end after it begins.")
    } else if new.until.duration_since(new.from) > SignedDuration::from_hours(MAX_INCIDENT_DAYS * 24) {
        Some("The period may be at most 366 days long.")
    } else {
        None
    };
    match problem {
        Some(text) => Err(Failure::bad_request(text)),
        None => Ok(NewIncident { title, note, user: user.map(UserId::new), ..*new }),
    }
}

/// Checks with whom an incident is to be shared.
///
/// # Errors
/// What is wrong, in words for the officer.
pub fn check_share(with: &OdsCode, owner: &OdsCode) -> Result<OdsCode, Failure> {
    let with = OdsCode::parse(with.as_str().trim())
        .ok_or_else(|| Failure::bad_request("Choose an organisation: an ODS code has 3 to 12 letters and digits."))?;
    if with == *owner {
        return Err(Failure::bad_request("Your own officers read it already. Choose another organisation."));
    }
    Ok(with)
}

#[cfg(test)]
#[path = "incident_tests.rs"]
mod tests;
