//! The rules of people and of requests for access. Pure: time is a parameter. No rule may let an organisation give a
//! role of the platform.

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, Time, Weekday},
};
use lcr_contracts::{
    Failure,
    partners::people::RequestCheck,
    registry::{Organisation, PartnerState},
    vocabulary::{OrganisationKind, SHARED_ROLES},
};
use lcr_model::{Role, london};

use crate::store::person::Person;

/// The most characters of a name that somebody signs in with.
const MAX_USER_NAME: usize = 320;
/// The most characters of a name that people read.
const MAX_NAME: usize = 200;

/// The roles that an organisation may give to its people.
pub fn roles_of(kind: &OrganisationKind) -> BTreeSet<Role> {
    kind.roles().into_iter().collect()
}

/// Refuses roles that this kind of organisation does not have.
pub fn check_roles(kind: &OrganisationKind, roles: &BTreeSet<Role>) -> Result<(), Failure> {
    match roles.difference(&roles_of(kind)).next() {
        Some(role) => Err(Failure::bad_request(format!("This organisation has no role {}.", role.as_str()))),
        None => Ok(()),
    }
}

/// The name that somebody signs in with, without spaces around it.
pub fn check_user_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let is_readable = !name.chars().any(char::is_control);
    if name.is_empty() || name.chars().count() > MAX_USER_NAME || !is_readable {
        return Err(Failure::bad_request("The name that somebody signs in with has 1 to 320 characters in one line."));
    }
    Ok(name.to_owned())
}

/// A name that people read, without spaces around it.
pub fn check_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Failure::bad_request("A name has at most 200 characters in one line."));
    }
    Ok(name.to_owned())
}

/// The roles as people read them.
pub fn words_of_roles(roles: &BTreeSet<Role>) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.words()).collect();
    if words.is_empty() { "a person without a role of ours".to_owned() } else { words.join(", ") }
}

/// What changed about a person, for the log. It names nobody.
pub fn words_of_change(before: Option<&Person>, after: &Person) -> String {
    let Some(before) = before else { return format!("Added: {}", words_of_roles(&after.roles)) };
    let mut words = vec![];
    if before.active != after.active {
        words.push(if after.active { "Access restored".to_owned() } else { "Access ended".to_owned() });
    }
    if before.hidden != after.hidden {
        words.push(if after.hidden { "Deleted".to_owned() } else { "Added again".to_owned() });
    }
    if before.roles != after.roles {
        words.push(format!("Roles: {}", words_of_roles(&after.roles)));
    }
    if words.is_empty() { "Details changed".to_owned() } else { words.join("; ") }
}

/// The automatic checks of a request for access.
pub fn check_request(organisation: &Organisation, role: Role, name: &str) -> Vec<RequestCheck> {
    let check = |passed, yes: &str, no: &str| RequestCheck { what: if passed { yes } else { no }.to_owned(), passed };
    vec![
        check(
            organisation.takes_part() || is_for_joining(organisation, role),
            if organisation.takes_part() {
                "Your organisation takes part in the record."
            } else {
                "Your organisation is joining the record, and this role helps it to."
            },
            "Your organisation does not take part in the record today.",
        ),
        check(
            roles_of(&organisation.kind).contains(&role),
            "Your organisation has this role.",
            "Your organisation does not have this role.",
        ),
        check(
            !name.trim().is_empty() && name != "Name not given",
            "Your sign-in states your name.",
            "Your sign-in does not state your name.",
        ),
    ]
}

/// Whether somebody in the role signs for an organisation on its way to live data, or sets it up. Their session opens no record.
fn is_for_joining(organisation: &Organisation, role: Role) -> bool {
    use PartnerState::{Agreed, Conformant, Connecting, Draft};
    let is_joining = matches!(organisation.state, Draft | Agreed | Connecting | Conformant);
    is_joining && (SHARED_ROLES.contains(&role) || role == Role::PracticeManager)
}

/// When a request must be decided: one working day later, by the clock in Leeds. Saturdays and Sundays do not count;
/// bank holidays do. A request at a weekend must be decided by the end of Monday.
pub fn decide_by(asked: Timestamp) -> Timestamp {
    let local = london::local(asked);
    let (date, time) = (local.date(), local.time());
    let first = next_working_day(date);
    let time = if first == date { time } else { Time::midnight() };
    let due = first.tomorrow().map_or(first, next_working_day);
    due.to_datetime(time).to_zoned(london::zone()).map_or(asked, |zoned| zoned.timestamp())
}

/// The day itself if it is a working day, else the next one.
fn next_working_day(mut date: Date) -> Date {
    while matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
        let Ok(next) = date.tomorrow() else { return date };
        date = next;
    }
    date
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
