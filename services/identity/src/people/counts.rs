//! How many of an organisation's people may sign in, have signed in, and signed in this month. Counts only; no
//! names.

use jiff::Timestamp;
use lcr_contracts::{Failure, partners::people::SignInCounts};
use lcr_model::{OdsCode, london};
use lcr_store::db_failure;

use crate::{
    service::Service,
    store::person::{self, SignInTimes},
};

pub async fn sign_in_counts(service: &Service, ods: &OdsCode) -> Result<SignInCounts, Failure> {
    let times = person::sign_in_times(service.store.read(), ods).await.map_err(db_failure)?;
    Ok(count(times, service.clock.now()))
}

/// The start of the month in London.
fn month_start(now: Timestamp) -> Timestamp {
    let first = london::date(now).first_of_month();
    first.to_zoned(london::zone()).map_or(now, |zoned| zoned.timestamp())
}

fn count(people: Vec<SignInTimes>, now: Timestamp) -> SignInCounts {
    let (start, mut counts) = (month_start(now), SignInCounts::default());
    for person in people {
        counts.eligible += u64::from(person.active);
        counts.activated += u64::from(person.active && person.first.is_some());
        counts.signed_in_this_month += u64::from(person.last.is_some_and(|last| last >= start));
        if let (Some(user), Some(first)) = (person.user, person.first) {
            counts.first_sign_ins.insert(user, first);
        }
    }
    counts
}

#[cfg(test)]
#[path = "counts_tests.rs"]
mod tests;
