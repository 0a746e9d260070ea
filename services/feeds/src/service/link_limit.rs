//! Limits how many care links a source may add for one person, so that no sender can slow down every decision about them. A
//! message over the limit must wait before anything of it is published.

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};
use lcr_model::{SourceIdentity, seal::DataKeys};
use sea_orm::DbErr;

use super::care_links;
use crate::{
    domain::{MappedEvent, digest},
    store::last_known::{LastKnown, Row},
};

/// The most care links of one source that may be new for a person in a calendar year. Daily appointments and lists stay far
/// below it.
const MAX_NEW_LINKS: i64 = 1_000;

/// Why a message waits.
pub const LIMIT_REASON: &str = "its source has given evidence for this person under 1,000 different numbers this year";

/// The numbers of links after a message. Each is the version of a row without a body.
pub struct LinkCounts(Vec<Row>);

impl LinkCounts {
    /// Counts the links that the message adds. `None` if a person would have too many.
    pub async fn after(
        last_known: &LastKnown<'_>,
        keys: &DataKeys,
        now: Timestamp,
        mapped: &[MappedEvent],
    ) -> Result<Option<Self>, DbErr> {
        let mut counts: HashMap<String, i64> = HashMap::new();
        for event in mapped {
            for person in care_links::newly_linked_people(last_known, keys, event).await? {
                *counts.entry(row_id(&person, now)).or_default() += 1;
            }
        }
        let ids: Vec<String> = counts.keys().cloned().collect();
        for row in last_known.get_all(&ids).await? {
            if let Some(count) = counts.get_mut(&row.id) {
                *count += row.version;
            }
        }
        if counts.values().any(|count| *count > MAX_NEW_LINKS) {
            return Ok(None);
        }
        let to_row = |(id, version)| Row { id, version, sealed: None };
        Ok(Some(Self(counts.into_iter().map(to_row).collect())))
    }

    pub fn store(self, last_known: &LastKnown<'_>) {
        self.0.into_iter().for_each(|row| last_known.upsert(row));
    }
}

/// The row that counts the new links of a person in the year of `now`.
pub fn row_id(person: &SourceIdentity, now: Timestamp) -> String {
    let year = now.to_zoned(TimeZone::UTC).year().to_string();
    digest(&["care-link-count", person.source.as_str(), &person.local_id.0, &year])
}
