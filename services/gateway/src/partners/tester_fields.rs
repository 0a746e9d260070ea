//! The safety testers of a system in a form: a checkbox for each of the organisation's own people who can be one, and a field for
//! people of other organisations. A tester whom the list of people lacks must never be dropped by saving the form.

use std::collections::BTreeSet;

use lcr_contracts::partners::people::DirectoryPerson;
use lcr_model::UserId;

use crate::{
    forms::{form::Form, form_input::Values},
    partners::words::role_list,
};

/// The name of each checkbox is this and the user id.
const OWN: &str = "tester";
const OTHERS: &str = "other_testers";

/// Adds the fields. `people` are those of the organisation, and empty if they cannot be read.
pub(super) fn tester_fields(form: Form, people: &[DirectoryPerson], chosen: &BTreeSet<UserId>) -> Form {
    let own: Vec<(&UserId, &DirectoryPerson)> = people
        .iter()
        .filter(|person| person.active)
        .filter_map(|person| Some((person.user.as_ref()?, person)))
        .collect();
    let is_own = |user: &UserId| own.iter().any(|(listed, _)| *listed == user);
    let others: Vec<&str> = chosen.iter().filter(|user| !is_own(user)).map(UserId::as_str).collect();
    let box_of = |(user, person): &(&UserId, &DirectoryPerson)| {
        (format!("{OWN}-{user}"), person_words(person), chosen.contains(*user))
    };
    let boxes: Vec<(String, String, bool)> = own.iter().map(box_of).collect();
    let form = if boxes.is_empty() {
        form
    } else {
        form.checks(OWN, "Safety testers", "Your people who have signed in and have access.", boxes)
    };
    form.long(
        OTHERS,
        "Other safety testers (not required)",
        "People who are not in your own list: their user ids, one a line. Their own list of people shows them.",
        others.join("\n"),
    )
}

/// "Sam Reed (sam.reed@beckside.test), receptionist".
fn person_words(person: &DirectoryPerson) -> String {
    let roles = Some(role_list(&person.roles)).filter(|roles| !roles.is_empty());
    let roles = roles.unwrap_or_else(|| "role as their provider says".to_owned());
    // People whom only their sign-in has made known may have no user name.
    let user_name = Some(&person.user_name).filter(|name| !name.is_empty()).map(|name| format!(" ({name})"));
    format!("{}{}, {roles}", person.name, user_name.unwrap_or_default())
}

/// All testers that the form names.
pub(super) fn read_testers(values: &Values) -> BTreeSet<UserId> {
    let own = values.ticked_names(OWN).into_iter();
    own.chain(values.lines(OTHERS)).map(UserId::new).collect()
}

#[cfg(test)]
#[path = "tester_fields_tests.rs"]
mod tests;
