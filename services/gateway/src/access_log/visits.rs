//! A patient's log by day and person: one line a visit, each access beneath it. Every event must appear exactly once, and
//! nothing may depend on the order in which events come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lcr_contracts::{audit::AccessEvent, registry::Registry};
use lcr_model::{ActorKind, Dataset, OdsCode, Role};
use uuid::Uuid;

use crate::{
    access_log::{
        actions::{Action, main_datasets},
        log_format::{dataset_in_plain_english, entry_number},
        patient_log::{access_detail, actor_text, choice_text, claim_text, event_action},
    },
    layout::format::{format_day_for_patient, format_time_for_patient, in_london},
};

/// The newest day is open. Older days are open as long as no more than this many visits are.
const OPEN_VISITS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDay {
    pub date: String,
    pub visits: Vec<Visit>,
    /// Whether the page shows the day unfolded.
    pub open: bool,
}

/// What one person did on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub text: String,
    /// The time, or the first and the last.
    pub at: String,
    pub accesses: Vec<AccessLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLine {
    pub at: String,
    pub text: String,
    pub number: String,
    /// The page that says whom to ask. The patient's own accesses have none.
    pub question_href: Option<String>,
}

/// A person as the patient may know them. Staff who are shown by role are one visitor for each role and organisation.
type Visitor<'a> = (&'a str, ActorKind, Role, &'a OdsCode);

/// Groups a page of the log, newest first. `before` is the page that the events are on.
pub fn group_by_day(events: &[AccessEvent], registry: &Registry, before: Option<Uuid>) -> Vec<LogDay> {
    let mut sorted: Vec<&AccessEvent> = events.iter().collect();
    sorted.sort_by_key(|event| std::cmp::Reverse((event.at, event.entry)));
    let mut days: Vec<(Date, Vec<Vec<&AccessEvent>>)> = Vec::new();
    for event in sorted {
        let date = in_london(event.at).date();
        if days.last().is_none_or(|(last, _)| *last != date) {
            days.push((date, Vec::new()));
        }
        let Some((_, visits)) = days.last_mut() else { continue };
        match visits.iter_mut().find(|visit| visit.first().is_some_and(|first| visitor(first) == visitor(event))) {
            Some(visit) => visit.push(event),
            None => visits.push(vec![event]),
        }
    }
    let mut shown = 0;
    let to_day = |(date, visits): (Date, Vec<Vec<&AccessEvent>>)| {
        let open = shown == 0 || shown + visits.len() <= OPEN_VISITS;
        shown += visits.len();
        let visits = visits.iter().filter_map(|visit| to_visit(visit, registry, before)).collect();
        LogDay { date: format_day_for_patient(date), visits, open }
    };
    days.into_iter().map(to_day).collect()
}

fn visitor(event: &AccessEvent) -> Visitor<'_> {
    (event.who.as_str(), event.kind, event.role, &event.org)
}

/// The visit of these events, newest first. `None` without any.
fn to_visit(events: &[&AccessEvent], registry: &Registry, before: Option<Uuid>) -> Option<Visit> {
    let (newest, oldest) = (events.first()?, events.last()?);
    let (from, to) = (format_time_for_patient(oldest.at), format_time_for_patient(newest.at));
    let page = before.map(|before| format!("?before={before}")).unwrap_or_default();
    let line = |event: &&AccessEvent| AccessLine {
        at: format_time_for_patient(event.at),
        text: access_detail(event),
        number: entry_number(event.entry),
        question_href: (event.kind != ActorKind::Patient).then(|| format!("/my-record/looks/{}{page}", event.entry)),
    };
    Some(Visit {
        text: format!("{} {}.", actor_text(newest, registry), visit_text(events)),
        at: if from == to { to } else { format!("{from} to {to}") },
        accesses: events.iter().map(line).collect(),
    })
}

/// "looked at your record twice: medicines, test results; found your name in a search".
fn visit_text(events: &[&AccessEvent]) -> String {
    let mut by_action: BTreeMap<Action, Vec<&AccessEvent>> = BTreeMap::new();
    for event in events.iter().copied() {
        by_action.entry(event_action(event)).or_default().push(event);
    }
    // Whoever saw the record saw the name.
    if by_action.contains_key(&Action::LookedAtRecord) {
        by_action.remove(&Action::ReadName);
    }
    let phrases: Vec<String> = by_action.iter().map(|(action, events)| phrase(*action, events)).collect();
    phrases.join("; ")
}

fn phrase(action: Action, events: &[&AccessEvent]) -> String {
    let times = times(events.len());
    match action {
        Action::LookedAtRecord => format!("looked at your record{times}: {}", datasets_text(events)),
        Action::MayHaveLooked => format!("may have looked at your record{times}: {}", datasets_text(events)),
        Action::OpenedDocument => format!("opened a letter or document{times}"),
        Action::MayHaveOpenedDocument => format!("may have opened a letter or document{times}"),
        Action::ReadName => format!("looked at your name and NHS number{times}"),
        Action::FoundInSearch => format!("found your name in a search{times}"),
        Action::SeenOnList => format!("saw you on a list of people in hospital{times}"),
        Action::MayHaveBeenOnList => format!("opened a list of people in hospital that may have shown you{times}"),
        Action::SeenOnCareList => format!("saw your name on a list of people in their care{times}"),
        Action::UsedChoices => acts_text(events, choice_text),
        Action::StatedReason => acts_text(events, claim_text),
        Action::ReadLog => format!("looked at the list of who has looked at your record{times}"),
        Action::WorkedOnIncident => format!("worked on a question about who has looked at your record{times}"),
        Action::ReviewedLink => format!("checked whether a record with your NHS number is yours{times}"),
        Action::AskedWhetherAllowed => format!("asked whether they may open your record{times}"),
        Action::SearchedOften => format!("searched very often{times}"),
        Action::Unknown => format!("looked at something about you{times}"),
        Action::LeftOffList => format!("opened a list of people in hospital{times}, which did not show you"),
        Action::LeftOffCareList => format!("opened a list of people in their care{times}, which did not show you"),
        Action::Refused => format!("asked to see your record{times} and was not allowed to; nothing was shown"),
    }
}

fn times(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        2 => " twice".to_owned(),
        count => format!(" {count} times"),
    }
}

fn datasets_text(events: &[&AccessEvent]) -> String {
    let datasets: BTreeSet<Dataset> = events.iter().flat_map(|event| event.datasets.iter().copied()).collect();
    let main = main_datasets(&datasets.into_iter().collect::<Vec<_>>());
    main.into_iter().map(dataset_in_plain_english).collect::<Vec<_>>().join(", ")
}

/// Each act once, with how often it was done.
fn acts_text(events: &[&AccessEvent], text: fn(&AccessEvent) -> String) -> String {
    let mut acts: Vec<(String, usize)> = Vec::new();
    for text in events.iter().map(|event| text(event)) {
        match acts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => acts.push((text, 1)),
        }
    }
    let acts: Vec<String> = acts.into_iter().map(|(text, count)| format!("{text}{}", times(count))).collect();
    acts.join("; ")
}

#[cfg(test)]
#[path = "visits_tests.rs"]
mod tests;
