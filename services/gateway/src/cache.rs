//! Short-lived caches of search results, recent people and recent views. They must never store clinical content.

pub(crate) mod recent_people;
pub(crate) mod recent_views;
pub(crate) mod search_cache;
