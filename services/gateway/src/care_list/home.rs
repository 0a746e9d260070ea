//! The home page's lists of people in care. A list of few has names, and showing them is recorded; a longer one has its
//! number and a link. It must never fail or delay the page.

use std::time::Duration;

use futures::future::try_join_all;
use lcr_contracts::{
    Failure, FailureKind,
    care_list::{CareListQuery, PersonInCare},
};
use lcr_model::CareLinkKind;

use crate::{
    care_list::{
        list::{KINDS, care_table, list_href},
        names::{Names, load_names},
    },
    layout::{link_words::care_list_heading, table::Table},
    roles::has_care_list,
    search::people::similar_names,
    web::session::SignedInReader,
};

const HOME_TIMEOUT: Duration = Duration::from_millis(1500);
/// A longer list has no names on the home page.
const MAX_NAMED: u64 = 10;
const UNAVAILABLE: &str = "We cannot show your people right now. There may be people in your care.";

/// One list as the home page shows it.
pub(crate) struct HomeList {
    pub heading: &'static str,
    pub href: String,
    pub total: u64,
    /// The people, or why they are not named here.
    pub people: Result<Table, &'static str>,
    /// Warnings of similar names.
    pub similar: Vec<String>,
}

/// The people of one kind, the first of them at least.
struct KindList {
    kind: CareLinkKind,
    total: u64,
    people: Vec<PersonInCare>,
}

/// The lists that have people, or why that is unknown. `None` for roles without lists and for readers without people.
pub(crate) async fn home_lists(reader: &SignedInReader) -> Option<Result<Vec<HomeList>, &'static str>> {
    if !has_care_list(reader.signed_in.actor.role) {
        return None;
    }
    let lists = match tokio::time::timeout(HOME_TIMEOUT, load_lists(reader)).await {
        Ok(Ok(lists)) => lists,
        Ok(Err(failure)) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::NotFound) => return None,
        Ok(Err(_)) | Err(_) => return Some(Err(UNAVAILABLE)),
    };
    if lists.is_empty() {
        return None;
    }
    let to_name: Vec<PersonInCare> =
        lists.iter().filter(|list| list.total <= MAX_NAMED).flat_map(|list| list.people.clone()).collect();
    let names = tokio::time::timeout(HOME_TIMEOUT, load_names(reader, &to_name)).await.ok().and_then(Result::ok);
    Some(Ok(lists.iter().map(|list| home_list(list, names.as_ref())).collect()))
}

/// One call for each kind, because a person of several kinds is on each of their lists. A reader without people needs one.
async fn load_lists(reader: &SignedInReader) -> Result<Vec<KindList>, Failure> {
    let (caller, consent) = (&reader.caller(), &reader.app.deps.consent);
    let anybody = consent.care_list(caller, CareListQuery { kind: None, offset: 0, limit: 1 }).await?;
    if anybody.total == 0 {
        return Ok(Vec::new());
    }
    let load = |kind: CareLinkKind| async move {
        let query = CareListQuery { kind: Some(kind.clone()), offset: 0, limit: MAX_NAMED };
        let list = consent.care_list(caller, query).await?;
        Ok::<_, Failure>(KindList { kind, total: list.total, people: list.people })
    };
    let lists = try_join_all(KINDS.map(load)).await?;
    Ok(lists.into_iter().filter(|list| list.total > 0).collect())
}

fn home_list(list: &KindList, names: Option<&Names>) -> HomeList {
    let people = match names {
        _ if list.total > MAX_NAMED => Err("Too many to list here."),
        None => Err("Their names cannot be shown right now."),
        Some(names) => Ok(care_table(&list.people, names, Some(&list.kind))),
    };
    let shown = list.people.iter().filter_map(|one| names?.get(&one.person).cloned()).collect::<Vec<_>>();
    HomeList {
        heading: care_list_heading(&list.kind),
        href: list_href(Some(&list.kind), 1),
        total: list.total,
        similar: if people.is_ok() { similar_names(&shown) } else { Vec::new() },
        people,
    }
}

#[cfg(test)]
#[path = "home_tests.rs"]
mod tests;
