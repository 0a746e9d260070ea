//! The filters of a list: plain links, each with its count. A filter names what is shown of the list and nothing
//! about anybody.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::ward::{DischargedRow, Heard, InpatientRow, Shelf};

use super::{
    columns::Order,
    discharged,
    further::{self, FILTER},
    inpatients,
    since::{Mark, Since},
};
use crate::view::words::{in_london, in_query};

/// What is shown of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    #[default]
    All,
    /// Expected to leave today.
    Leaving,
    /// No longer need a hospital bed.
    Ready,
    /// New or changed since the reader looked.
    New,
    /// Back in hospital.
    Back,
    /// No letter in the record yet.
    NoLetter,
}

const INPATIENTS: [(Show, &str); 4] = [
    (Show::All, "All"),
    (Show::Leaving, "Expected to leave today"),
    (Show::Ready, "No longer need a hospital bed"),
    (Show::New, "New or changed"),
];
const DISCHARGED: [(Show, &str); 4] = [
    (Show::All, "All"),
    (Show::Back, "Back in hospital"),
    (Show::NoLetter, "No letter yet"),
    (Show::New, "New or changed"),
];

/// A filter as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    pub show: Show,
    /// One hospital, by its source.
    pub hospital: Option<String>,
    /// Hospitals' own fields: key and value.
    pub further: BTreeMap<String, String>,
    pub order: Order,
    pub opening: Opening,
}

/// How the list opens for this reader when its address says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opening {
    pub filtered: bool,
    pub order: Order,
}

/// The order's name for the list's own order, where the reader's settings name another.
pub const USUAL: &str = "usual";

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    pub words: String,
    pub href: String,
    pub current: bool,
}

impl Show {
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Leaving => "leaving",
            Self::Ready => "ready",
            Self::New => "new",
            Self::Back => "back",
            Self::NoLetter => "no-letter",
        }
    }

    /// What cannot be read shows everything: a filter never hides by mistake.
    pub fn named(name: &str) -> Self {
        let all = [Self::Leaving, Self::Ready, Self::New, Self::Back, Self::NoLetter];
        all.into_iter().find(|one| one.name() == name).unwrap_or_default()
    }

    /// The field without which it cannot be told; without it a count would read as "none".
    fn needs(self) -> Option<&'static str> {
        match self {
            Self::Leaving => Some("expected_discharge"),
            Self::Ready => Some("reside"),
            Self::Back => Some("back"),
            Self::NoLetter => Some("letter"),
            Self::All | Self::New => None,
        }
    }

    pub fn inpatient(self, row: &InpatientRow, since: &Since, now: Timestamp) -> bool {
        match self {
            // Somebody not heard of may have left: they are not counted among those in hospital.
            Self::Leaving | Self::Ready if row.shelf == Shelf::NotHeardOf => false,
            Self::Leaving => inpatients::leaves(row) == Some(in_london(now).date()),
            Self::Ready => row.reside.as_ref().is_some_and(|cell| !cell.value.meets),
            Self::New => inpatients::mark(row, since, now) != Mark::Seen,
            Self::All | Self::Back | Self::NoLetter => true,
        }
    }

    pub fn discharged(self, row: &DischargedRow, since: &Since, now: Timestamp) -> bool {
        match self {
            Self::Back => row.back,
            Self::NoLetter => row.letter.is_none() && !row.hidden.iter().any(|one| one == "letter"),
            Self::New => discharged::mark(row, since, now) != Mark::Seen,
            Self::All | Self::Leaving | Self::Ready => true,
        }
    }
}

impl Wanted {
    pub fn inpatient(&self, row: &InpatientRow, since: &Since, now: Timestamp) -> bool {
        self.of(row.source.as_str())
            && self.show.inpatient(row, since, now)
            && further::matches(row, &self.further)
    }

    pub fn discharged(&self, row: &DischargedRow, since: &Since, now: Timestamp) -> bool {
        self.of(row.source.as_str()) && self.show.discharged(row, since, now)
    }

    fn of(&self, source: &str) -> bool {
        self.hospital.as_deref().is_none_or(|wanted| wanted == source)
    }

    /// The filters as a query names and writes them.
    pub fn filters(&self) -> Vec<(String, String)> {
        let show = (self.show != Show::All).then(|| ("show".to_owned(), self.show.name().to_owned()));
        let hospital = self.hospital.as_ref().map(|source| ("hospital".to_owned(), source.clone()));
        let further = self.further.iter().filter(|(_, value)| !value.is_empty());
        let further = further.map(|(key, value)| (format!("{FILTER}{key}"), value.clone()));
        show.into_iter().chain(hospital).chain(further).collect()
    }

    /// The same list, in this view: `/ward?practice=B86000&show=new`.
    pub fn href(&self, base: &str) -> String {
        let mut filters = self.filters();
        if filters.is_empty() && self.opening.filtered {
            filters.push(("show".to_owned(), "all".to_owned()));
        }
        let mut out = base.to_owned();
        for (name, value) in filters {
            out += &format!("&{}={}", in_query(&name), in_query(&value));
        }
        if self.order != self.opening.order {
            let by = if self.order.by.is_empty() { USUAL } else { &self.order.by };
            out += &format!("&sort={}", in_query(by));
            out += if self.order.descending { "&desc=true" } else { "" };
        }
        out
    }

    fn with(&self, show: Show, hospital: Option<String>) -> Self {
        Self { show, hospital, ..self.clone() }
    }
}

/// The chips of either list, of the hospitals that somebody is shown at and of what the role may see: `hides` says
/// which fields no row opens, `counted` how many rows a filter shows.
pub fn chips(
    base: &str,
    wanted: &Wanted,
    left: bool,
    hospitals: &[Heard],
    hides: impl Fn(&str) -> bool,
    counted: impl Fn(&Wanted) -> usize,
) -> Vec<Chip> {
    let chip = |words: &str, to: Wanted| Chip {
        words: format!("{words} {}", counted(&to)),
        href: to.href(base),
        current: to == *wanted,
    };
    let of_list = if left { DISCHARGED } else { INPATIENTS };
    let mut out: Vec<Chip> = of_list
        .into_iter()
        .filter(|(show, _)| *show == wanted.show || !show.needs().is_some_and(&hides))
        .map(|(show, words)| chip(words, wanted.with(show, wanted.hospital.clone())))
        .collect();
    let of = |one: &Heard| Wanted { hospital: Some(one.source.to_string()), ..wanted.with(Show::All, None) };
    let mut here = hospitals.iter().filter(|one| counted(&of(one)) > 0).peekable();
    if here.peek().is_some() || wanted.hospital.is_some() {
        out.push(chip("Every hospital", wanted.with(wanted.show, None)));
    }
    out.extend(here.map(|one| chip(&one.hospital, wanted.with(wanted.show, Some(one.source.to_string())))));
    out
}

#[cfg(test)]
mod tests {
    use lcr_model::SourceId;

    use super::*;

    #[test]
    fn chips_are_links_that_keep_what_else_was_chosen() {
        let heard =
            |name: &str| Heard { source: SourceId::new(name), hospital: name.to_uppercase(), last: None };
        let order = Order::by("ward");
        let wanted = Wanted { show: Show::New, hospital: Some("wharfe".into()), order, ..Wanted::default() };
        let hospitals = [heard("hilda"), heard("wharfe")];
        let chips = chips("/ward?practice=B86000", &wanted, false, &hospitals, |_| false, |_| 3);
        let hrefs: Vec<&str> = chips.iter().map(|chip| chip.href.as_str()).collect();
        assert_eq!(hrefs[0], "/ward?practice=B86000&hospital=wharfe&sort=ward");
        assert_eq!(hrefs[4], "/ward?practice=B86000&show=new&sort=ward");
        assert_eq!(hrefs[5], "/ward?practice=B86000&show=new&hospital=hilda&sort=ward");
        let current: Vec<&str> =
            chips.iter().filter(|chip| chip.current).map(|chip| chip.words.as_str()).collect();
        assert_eq!(current, ["New or changed 3", "WHARFE 3"]);
    }

    #[test]
    fn what_no_row_opens_is_no_filter_that_counts_none() {
        let closed = |field: &str| field == "reside";
        let chips = chips("/ward?team=T01", &Wanted::default(), false, &[], closed, |_| 0);
        let words: Vec<&str> = chips.iter().map(|chip| chip.words.as_str()).collect();
        assert_eq!(words, ["All 0", "Expected to leave today 0", "New or changed 0"]);
    }

    #[test]
    fn a_list_that_opens_filtered_can_be_seen_whole_and_in_its_own_order() {
        let opening = Opening { filtered: true, order: Order { by: "plan".into(), descending: true } };
        let opened = Wanted { show: Show::Ready, order: opening.order.clone(), opening, ..Wanted::default() };
        assert_eq!(opened.href("/ward?team=T01"), "/ward?team=T01&show=ready");
        assert_eq!(opened.with(Show::All, None).href("/ward?team=T01"), "/ward?team=T01&show=all");
        let usual = Wanted { order: Order::default(), ..opened };
        assert_eq!(usual.href("/ward?team=T01"), "/ward?team=T01&show=ready&sort=usual");
    }

    #[test]
    fn a_filter_that_cannot_be_read_shows_everything() {
        assert_eq!(Show::named("everything-else"), Show::All);
        assert_eq!(Show::named("no-letter"), Show::NoLetter);
    }
}
