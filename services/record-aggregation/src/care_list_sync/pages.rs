//! Turns a page of episodes into changes of links, and stores these. A page must never count as read before its changes are
//! stored.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::registry::System;
use lcr_fhir::{Item, read};

use super::{
    CareListSync, episode,
    link_changes::{LinkChanges, ReadContext},
    read_plan,
};
use crate::{
    list_reader::{Page, PageStore, StopReason},
    store::care_list::Progress,
};

/// One source's pages on their way into the store.
pub struct CarePages<'a> {
    pub sync: &'a CareListSync,
    pub system: &'a System,
    pub row: Progress,
    pub stored: Option<Progress>,
}

#[async_trait]
impl PageStore for CarePages<'_> {
    /// Publishes the page's changes and stores the progress. The last page of a reading of all episodes stays due until the links
    /// that were not listed have ended.
    async fn save(&mut self, page: Page) -> Result<(), StopReason> {
        let (sync, now) = (self.sync, self.sync.reader.clock.now());
        let links = self.changed_links(&page, now).await?;
        let context = links.context;
        let after = read_plan::after_page(&self.row, &page, &times_of_change(&page), now);
        if links.events.is_empty() && links.versions.is_empty() && self.stored.as_ref() == Some(&after) {
            self.row = after;
            return Ok(());
        }
        if self.row.reads_all && page.is_finished {
            sync.store_changes(links, self.row.clone()).await?;
            let has_ended = sync.end_unlisted(context, &self.row).await?;
            self.row = if has_ended { read_plan::read_again_soon(after, now) } else { after };
            sync.save_row(self.row.clone()).await?;
        } else {
            self.row = after;
            sync.store_changes(links, self.row.clone()).await?;
        }
        self.stored = Some(self.row.clone());
        Ok(())
    }
}

impl<'a> CarePages<'a> {
    /// The changes that the page makes. Counts in the log what it cannot use.
    async fn changed_links(&self, page: &Page, now: Timestamp) -> Result<LinkChanges<'a>, StopReason> {
        let (sync, system, mut found) = (self.sync, self.system, vec![]);
        let key = |id: &str| episode::link_key(system, &sync.hashed_ids, id);
        let mut unreadable: Vec<String> = page.unreadable_ids.iter().map(|id| key(id)).collect();
        for item in &page.items {
            match episode::read_link(system, &sync.hashed_ids, item, now) {
                Some(link) => found.push(link),
                None => unreadable.push(key(item.id())),
            }
        }
        let count = page.unreadable + page.items.len() - found.len();
        let Progress { reading: number, reads_all, .. } = self.row;
        let context = ReadContext { system, keys: &sync.keys, now, number, reads_all };
        let links = sync.changed_links(context, found, &unreadable).await?;
        if count > 0 {
            tracing::warn!(source = %system.id, unreadable = count, "episodes of care cannot be read; their links do not stand");
        }
        if links.over_limit > 0 {
            tracing::warn!(source = %system.id, count = links.over_limit, "episodes of care are not published: their person has 1,000 open ones");
        }
        Ok(links)
    }
}

fn times_of_change(page: &Page) -> Vec<Option<Timestamp>> {
    let updated = |item: &Item| read::str_at(item.value(), "meta.lastUpdated").and_then(|text| text.parse().ok());
    page.items.iter().map(updated).collect()
}
