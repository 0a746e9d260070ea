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
mod tests {
    use lcr_model::UserId;

    use super::*;

    #[test]
    fn a_leaver_is_not_eligible_and_still_counts_in_the_month_of_their_last_sign_in() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let person = |active, first: Option<&str>, last: Option<&str>| SignInTimes {
            user: Some(UserId::new("u")),
            active,
            first: first.map(at),
            last: last.map(at),
        };
        let (old, new) = (Some("2026-10-01T08:00:00Z"), Some("2026-11-02T08:00:00Z"));
        let people =
            vec![person(true, None, None), person(true, old, new), person(true, old, old), person(false, old, new)];
        let counts = count(people, at("2026-11-30T12:00:00Z"));
        assert_eq!((counts.eligible, counts.activated, counts.signed_in_this_month), (3, 2, 2));
    }

    #[test]
    fn a_month_begins_at_midnight_in_london() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(month_start(at("2026-07-20T12:00:00Z")), at("2026-06-30T23:00:00Z"));
    }
}
