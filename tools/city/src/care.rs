//! Who cares for whom beyond practices and hospitals: caseloads, residents, open cases, clinics, nominations. It must hold
//! indices only, and a bounded number of them, or a large city would not fit in memory.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::plan::{PRACTICES, Source};
use crate::traffic::OutgoingMessage;
use crate::world::{CAST_SIZE, CastMember, CastRole, World};

mod groups;
mod messages;
mod notices;
#[cfg(test)]
mod tests;

pub use messages::CareMessage;

pub(crate) use groups::{CareGroup, LinkKind};
use groups::{GROUPS, Who};

/// How many people are considered for the groups, so that a large city starts as fast as a small one.
const SEARCHED: u32 = 5_000;

/// One person in one group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CareLink {
    pub(crate) group: &'static CareGroup,
    pub(crate) index: u32,
    /// The position in the group. It spreads times of day.
    position: u8,
}

/// Everybody in a group.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    links: Vec<CareLink>,
}

impl Roster {
    /// Chooses the people: the named, then the first who fit. Outside the cast only older people, children and residents are
    /// in groups of several sources.
    pub(crate) fn of(world: &World) -> Self {
        let mut links: Vec<CareLink> = Vec::new();
        for group in &GROUPS {
            let excludes = |one: &CareLink| group.who == Who::Adult || one.group.source == group.source;
            let is_free = |index: u32| !links.iter().any(|one| one.index == index && excludes(one));
            let others =
                (CAST_SIZE..world.people.min(SEARCHED)).filter(|index| is_free(*index) && fits(world, group, *index));
            let named = group.named.iter().map(|part| *part as u32);
            let all: Vec<u32> = named.chain(others.take(group.others)).collect();
            links.extend(all.into_iter().zip(0_u8..).map(|(index, position)| CareLink { group, index, position }));
        }
        Self { links }
    }

    /// Whether the person is in a group of this source, which therefore knows them.
    pub(crate) fn has(&self, source: Source, index: u32) -> bool {
        self.links.iter().any(|one| one.index == index && one.group.source == source)
    }

    /// Whether the person lives in the care home.
    pub(crate) fn is_resident(&self, index: u32) -> bool {
        self.links.iter().any(|one| one.index == index && one.group.kind == LinkKind::Resident)
    }
}

/// Whether a person outside the cast can be in the group. Ages of adults count on a fixed day, so that the groups are the
/// same tomorrow.
fn fits(world: &World, group: &CareGroup, index: u32) -> bool {
    if world.is_visitor(index) || world.adopted_as(index).is_some() {
        return false;
    }
    let age = world.fixed_age(index);
    let suits = match group.who {
        Who::Adult => age >= 18,
        Who::Older => age >= 65,
        Who::OlderAlone => age >= 65 && World::lives_alone(index),
        Who::Child => world.age(index) < 18,
        Who::OfBeckside => age >= 40 && world.practice(index).ods == PRACTICES[0].ods,
    };
    if !suits {
        return false;
    }
    let person = world.person(index);
    let has_number = person.register_entry(group.source, world).number.is_some();
    has_number && person.died.is_none() && !person.restricted
}

impl CareLink {
    /// When the care began, and when it ended if it did.
    fn period(&self, world: &World, now: Timestamp) -> (Timestamp, Option<Timestamp>) {
        let position = i64::from(self.position);
        let hours_ago = |hours: i64| now.checked_sub(hours.hours()).unwrap_or(now);
        let mut rng = world.rng(self.index, self.group.organisation);
        let from = match self.group.kind {
            LinkKind::UrgentCase => hours_ago(1 + position),
            LinkKind::Appointment | LinkKind::CancelledAppointment => {
                world.at(world.today, 9 + i8::try_from(position / 2).unwrap_or(0), 30 * i8::from(position % 2 == 1))
            }
            LinkKind::Referral => world.at(world.days_ago(3), 11, 0),
            // A list without an end counts for 28 days.
            LinkKind::MeetingList => world.at(world.days_ago(7), 9, 0),
            _ => world.at(world.days_ago(rng.days(60, 300)), 9, 0),
        };
        let died = world.person(self.index).died;
        let is_cancelled = self.group.kind == LinkKind::CancelledAppointment;
        let cancelled = is_cancelled.then(|| world.at(world.days_ago(1), 16, 0));
        (from, died.map(|day| world.at(day, 12, 0)).or(cancelled))
    }

    /// When the evidence that stands at `at` was changed. A case is renewed by each message; everything else changes once a day.
    fn last_change(&self, world: &World, at: Timestamp) -> Timestamp {
        if self.group.kind == LinkKind::UrgentCase { at } else { world.at(world.today, 0, 5).min(at) }
    }
}

/// The episodes that a source gives when it is asked. None for a source that sends its evidence.
pub(crate) fn episodes(world: &World, source: Source) -> Option<Vec<Value>> {
    let read = || world.roster.links.iter().filter(move |link| link.group.source == source && link.group.is_read());
    read().next()?;
    Some(read().filter_map(|link| messages::evidence(world, link, world.now)).collect())
}

/// The evidence of care that the city's partners send. It must open no connection; the caller sends Bundles and messages.
#[derive(Debug, Clone)]
pub struct Care {
    world: Arc<World>,
}

impl Care {
    pub(crate) fn of(world: Arc<World>) -> Self {
        Self { world }
    }

    fn links(&self) -> impl Iterator<Item = &CareLink> {
        self.world.roster.links.iter()
    }

    fn sent_links(&self) -> impl Iterator<Item = &CareLink> {
        self.links().filter(|link| !link.group.is_read())
    }

    /// A Bundle for each person of each group whose source sends Bundles, as sent at `at`. On the same day all but those of open
    /// cases are the same bytes.
    pub fn messages(&self, at: Timestamp) -> Vec<CareMessage> {
        self.sent_links().filter_map(|link| messages::current(&self.world, link, at)).collect()
    }

    /// The HL7 v2 messages of the hospital about its clinics and referrals, in the order in which they are sent: each booked
    /// appointment, each accepted referral, and an appointment that was booked and cancelled. On the same day they are the same
    /// bytes.
    pub fn hospital_messages(&self, at: Timestamp) -> Vec<OutgoingMessage> {
        let mut messages: Vec<_> = self.sent_links().flat_map(|link| notices::current(&self.world, link, at)).collect();
        messages.sort_by_key(|message| message.due);
        messages
    }

    /// The HL7 v2 message that cancels, at `at`, a cast member's appointment or referral to this organisation. None if they have
    /// neither.
    pub fn cancel(&self, who: &str, organisation: &str, at: Timestamp) -> Option<OutgoingMessage> {
        self.links_between(who, organisation)?.find_map(|link| notices::cancelled(&self.world, link, at))
    }

    /// The open cases alone, as opened in the hours before `at`.
    pub fn open_cases(&self, at: Timestamp) -> Vec<CareMessage> {
        let cases = self.sent_links().filter(|link| link.group.kind == LinkKind::UrgentCase);
        cases.filter_map(|link| messages::current(&self.world, link, at)).collect()
    }

    /// The end, at `at`, of an organisation's care for a cast member. None if that organisation does not care for them, or its
    /// source sends no Bundle.
    pub fn end(&self, who: &str, organisation: &str, at: Timestamp) -> Option<CareMessage> {
        self.links_between(who, organisation)?.find_map(|link| messages::ended(&self.world, link, at))
    }

    /// The sent evidence that the organisation cares for this cast member. None for an unknown name.
    fn links_between(&self, who: &str, organisation: &str) -> Option<impl Iterator<Item = &CareLink>> {
        let index = CastRole::named(who)? as u32;
        Some(self.sent_links().filter(move |link| link.index == index && link.group.organisation == organisation))
    }

    /// Everybody for whom the organisation itself cares now, without those of its teams.
    pub fn people_of(&self, organisation: &str) -> Vec<CastMember> {
        let now = self.world.now;
        let open = |link: &&CareLink| link.period(&self.world, now).1.is_none_or(|end| end > now);
        let of_organisation = self.links().filter(|link| link.group.organisation == organisation).filter(open);
        of_organisation.map(|link| CastMember::of(&self.world, link.index)).collect()
    }
}
