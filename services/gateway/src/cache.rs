//! Short-lived caches of search results, recent people, recent views, overrides and who may frame a session. They must never
//! store clinical content.

pub(crate) mod framed_sessions;
pub(crate) mod open_overrides;
pub(crate) mod override_rules;
pub(crate) mod recent_people;
pub(crate) mod recent_views;
pub(crate) mod search_cache;
pub(crate) mod sharing_register;
pub(crate) mod timed_value;
