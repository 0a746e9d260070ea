//! The names of the people that log entries are about, for an officer who asks for them. Each name is a look that is recorded,
//! so a page must never load names unasked. A person whom the officer may not see stays without a name.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use lcr_contracts::audit::Entry;
use lcr_model::{PersonId, ViewId};

use crate::{layout::format::format_day, record::banner::full_name, web::session::SignedInReader};

/// Names in one page. The others stay links.
const MAX_NAMES: usize = 50;
/// An entry about more people, such as a list, is told by their number.
pub const MAX_NAMED_IN_ENTRY: usize = 3;
const CONCURRENT: usize = 8;

pub type PeopleNames = BTreeMap<PersonId, String>;

/// The people to name: those of entries about few people, in the order of the page.
pub fn people_to_name(entries: &[Entry]) -> Vec<PersonId> {
    let few = entries.iter().filter(|entry| entry.opened.people.len() <= MAX_NAMED_IN_ENTRY);
    let mut known = BTreeSet::new();
    few.flat_map(|entry| entry.opened.people.iter().copied())
        .filter(|person| known.insert(*person))
        .take(MAX_NAMES)
        .collect()
}

pub(crate) async fn load_names(reader: &SignedInReader, entries: &[Entry]) -> PeopleNames {
    load_names_of(reader, &people_to_name(entries)).await
}

/// The names of the first of these people, as far as the officer may see them.
pub(crate) async fn load_names_of(reader: &SignedInReader, people: &[PersonId]) -> PeopleNames {
    let view = ViewId::new();
    let mut names = PeopleNames::new();
    let people: Vec<PersonId> = people.iter().copied().take(MAX_NAMES).collect();
    for chunk in people.chunks(CONCURRENT) {
        let loaded = join_all(chunk.iter().map(|person| load_name(reader, *person, view))).await;
        names.extend(loaded.into_iter().flatten());
    }
    names
}

async fn load_name(reader: &SignedInReader, person: PersonId, view: ViewId) -> Option<(PersonId, String)> {
    let patient = reader.app.deps.patient_index.summary(&reader.caller(), person, view).await.ok()?;
    let born = patient.birth_date.map_or_else(|| "birth date not known".to_owned(), format_day);
    Some((person, format!("{}, {born}", full_name(&patient.family, &patient.given, None))))
}

#[cfg(test)]
mod tests {
    use lcr_contracts::audit::Completion;
    use uuid::Uuid;

    use super::*;
    use crate::access_log::officer_log::tests::entry_about;

    #[test]
    fn people_of_entries_about_few_are_named_once_each() {
        let people = |ids: &[u128]| ids.iter().map(|id| PersonId(Uuid::from_u128(*id))).collect::<Vec<_>>();
        let entries =
            [&[2, 1][..], &[1], &[3, 4, 5, 6], &[]].map(|ids| entry_about(people(ids), Completion::PresumedShown));
        assert_eq!(people_to_name(&entries), people(&[2, 1]));
    }
}
