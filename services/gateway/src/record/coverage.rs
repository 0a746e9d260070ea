//! For one dataset: which sources gave data, have none, have not answered or may not share, and the text for each.
//! Every source of the record must be in a list, so that no page leaves one out.

use jiff::Timestamp;
use lcr_contracts::{
    record::{Omission, Record},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, SourceId, SourceState};

use crate::{
    layout::format::{capitalise, format_count, format_moment_near, join_with_and},
    record::missing::missing_text,
};

/// The names of the sources, by their answer for one dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    pub has_data: Vec<String>,
    pub no_data: Vec<String>,
    /// Those of `no_data` that do not know the person.
    pub no_record: Vec<String>,
    pub asking: Vec<String>,
    /// Sources whose answer is missing or partial.
    pub missing: Vec<String>,
    /// The reason for each of `missing`: the name and the text that follows it.
    pub missing_reasons: Vec<(String, String)>,
    /// The sources of `missing` that did answer in part.
    pub partial: Vec<String>,
    pub stale: Vec<(String, Timestamp)>,
    pub not_agreed: Vec<String>,
    /// Sources whose dataset the agreement of the reader's organisation does not include.
    pub not_received: Vec<String>,
    /// Sources whose dataset is agreed and not yet switched on for this reader.
    pub not_yet_on: Vec<String>,
    pub withheld: Vec<String>,
    pub opted_out: Vec<String>,
    pub not_connected: Vec<String>,
    /// Sources that share no dataset with this reader, asked for or not. The sources line names them.
    pub outside: Vec<String>,
    /// The dataset's title in a sentence.
    what: String,
}

impl Coverage {
    pub fn of(record: &Record, dataset: Dataset) -> Self {
        Self::by_kind(record, dataset, |_| true)
    }

    /// The coverage by sources of some kinds.
    pub fn by_kind(record: &Record, dataset: Dataset, is_of_kind: impl Fn(&SystemKind) -> bool) -> Self {
        let mut coverage = Self { what: dataset.title().to_lowercase(), ..Self::default() };
        for source in record.sources.iter().filter(|source| is_of_kind(&source.kind)) {
            for report in source.datasets.iter().filter(|report| report.dataset == dataset) {
                let missing = missing_text(report).or_else(|| {
                    let hidden = hidden_fact_text(record, &source.source, dataset)?;
                    report.state.answered().then(|| hidden.to_owned())
                });
                match missing {
                    Some(words) => {
                        if report.state.answered() {
                            coverage.partial.push(source.shown_name().to_owned());
                        }
                        coverage.missing.push(source.shown_name().to_owned());
                        coverage.missing_reasons.push((source.shown_name().to_owned(), words));
                    }
                    // What it may not share of a person whom it does not know is nothing.
                    None if is_kept_back(report.state) && source.knows_person == Some(false) => {
                        coverage.add(source.shown_name().to_owned(), SourceState::NoRecord);
                    }
                    None => coverage.add(source.shown_name().to_owned(), report.state),
                }
                // Absent is not decided, so the source may hold something.
                if source.shares_anything == Some(false) {
                    coverage.outside.push(source.shown_name().to_owned());
                }
            }
        }
        coverage
    }

    fn add(&mut self, name: String, state: SourceState) {
        match state {
            SourceState::HasData => self.has_data.push(name),
            SourceState::NoData => self.no_data.push(name),
            SourceState::NoRecord => {
                self.no_record.push(name.clone());
                self.no_data.push(name);
            }
            SourceState::Asking => self.asking.push(name),
            // The caller adds the reason.
            SourceState::TimedOut | SourceState::Failed => self.missing.push(name),
            SourceState::Stale { as_of } => self.stale.push((name, as_of)),
            SourceState::NotAgreed => self.not_agreed.push(name),
            SourceState::NotReceived => self.not_received.push(name),
            SourceState::NotYetOn => self.not_yet_on.push(name),
            SourceState::Withheld => self.withheld.push(name),
            SourceState::OptedOut => self.opted_out.push(name),
            SourceState::NotConnected => self.not_connected.push(name),
        }
    }

    /// Sources without a complete, current answer.
    pub fn unanswered(&self) -> Vec<String> {
        let stale = self.stale.iter().map(|(name, _)| name);
        self.asking.iter().chain(&self.missing).chain(stale).cloned().collect()
    }

    /// Sources that may hold something but may not share it here. Those of `not_received` do share it: the reader's own agreement
    /// does not include it.
    pub fn may_not_share(&self) -> Vec<String> {
        [&self.not_agreed, &self.withheld, &self.opted_out].into_iter().flatten().cloned().collect()
    }

    /// Sources that know the person and hold nothing.
    pub fn holds_none(&self) -> Vec<String> {
        self.no_data.iter().filter(|name| !self.no_record.contains(name)).cloned().collect()
    }

    /// Sources that may know the person, or that the person's choice or a rule keeps back, and that may not share this. A
    /// source that shares nothing with this reader is no gap, because nobody may say whether it knows the person.
    pub fn may_hold(&self) -> Vec<String> {
        let closed = self.not_agreed.iter().chain(&self.not_received).chain(&self.not_yet_on);
        let closed = closed.filter(|name| !self.outside.contains(name));
        closed.chain(&self.withheld).chain(&self.opted_out).cloned().collect()
    }

    /// Whether no source has answered yet and one is still being asked.
    pub fn is_waiting(&self) -> bool {
        !self.asking.is_empty() && self.has_data.is_empty() && self.no_data.is_empty() && self.stale.is_empty()
    }

    /// One sentence for each reason why the entries may be incomplete.
    pub fn sentences(&self, now: Timestamp) -> Vec<String> {
        let mut out = Vec::new();
        let mut say = |names: &[String], before: &str, after: &str| {
            if !names.is_empty() {
                out.push(format!("{before}{}{after}", join_with_and(names)));
            }
        };
        say(&self.asking, "Still asking ", "…");
        // The completeness line gives the reason why a source did not answer.
        let unanswered: Vec<String> =
            self.missing.iter().filter(|name| !self.partial.contains(name)).cloned().collect();
        say(&unanswered, &format!("{} missing from ", capitalise(&self.what)), ".");
        for (words, names) in self.group_by_reason() {
            let partial: Vec<String> = names.into_iter().filter(|name| self.partial.contains(name)).collect();
            say(&partial, "", &format!(" {words}."));
        }
        let inside = |names: &[String]| -> Vec<String> {
            names.iter().filter(|name| !self.outside.contains(name)).cloned().collect()
        };
        say(&inside(&self.not_agreed), "Not agreed to share with your organisation: ", ".");
        let beyond = format!("Your organisation's agreement does not include {}: not shown from ", self.what);
        say(&inside(&self.not_received), &beyond, ".");
        say(&inside(&self.not_yet_on), "Not yet switched on for you: ", ".");
        say(&inside(&self.withheld), "Not shown here by a sharing rule: ", ".");
        say(&inside(&self.opted_out), "Not shared because of the person's choice: ", ".");
        out.extend(
            self.stale.iter().map(|(name, at)| format!("{name}: older copy from {}.", format_moment_near(*at, now))),
        );
        out
    }

    /// The missing sources grouped by reason, in their order.
    fn group_by_reason(&self) -> Vec<(String, Vec<String>)> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (name, words) in &self.missing_reasons {
            match groups.iter_mut().find(|(reason, _)| reason == words) {
                Some((_, names)) => names.push(name.clone()),
                None => groups.push((words.clone(), vec![name.clone()])),
            }
        }
        groups
    }

    /// The text shown instead of an empty list.
    pub fn empty_text(&self, what: &str) -> String {
        if self.is_waiting() {
            return format!("Asking {} for {what}…", format_count(self.asking.len(), "source", "sources"));
        }
        let complete = self.unanswered().is_empty() && self.may_hold().is_empty();
        let holds_none = self.holds_none();
        match (holds_none.is_empty(), complete) {
            (false, true) => format!("No {what} held at {}.", join_with_and(&holds_none)),
            (false, false) => {
                format!("No {what} held at {}. Do not assume there are none.", join_with_and(&holds_none))
            }
            (true, true) if !self.no_record.is_empty() => {
                format!("No source that gives {what} knows this person. Do not assume there are none.")
            }
            (true, true) => format!("No connected source gives {what}. Do not assume there are none."),
            (true, false) => format!("No {what} can be shown. Do not assume there are none."),
        }
    }

    /// Why a tab shows no count, in two or three words.
    pub fn short_reason(&self) -> &'static str {
        match self {
            _ if !self.asking.is_empty() => "asking…",
            _ if !self.missing.is_empty() => "no answer",
            _ if !self.stale.is_empty() => "older copy",
            _ if !self.no_data.is_empty() => "none held",
            _ if !self.opted_out.is_empty() => "not shared",
            _ if !self.not_agreed.is_empty() || !self.not_received.is_empty() => "not agreed",
            _ if !self.withheld.is_empty() => "not shown",
            _ if !self.not_yet_on.is_empty() => "not yet on",
            _ => "not connected",
        }
    }
}

fn is_kept_back(state: SourceState) -> bool {
    use SourceState::{NotAgreed, NotReceived, NotYetOn, OptedOut, Withheld};
    matches!(state, NotAgreed | NotReceived | NotYetOn | Withheld | OptedOut)
}

/// Why the source's list of the dataset may lack a fact that the page would deny, although the source answered in full.
fn hidden_fact_text(record: &Record, source: &SourceId, dataset: Dataset) -> Option<&'static str> {
    let of_list = record.not_shown.iter().filter(|one| one.source == *source && one.dataset == dataset);
    let mut hidden = of_list.map(|one| one.reason).filter(|reason| reason.hides_a_fact()).peekable();
    hidden.peek()?;
    let all_later = hidden.all(|reason| reason == Omission::NotYetOn);
    Some(if all_later {
        "has items that are not yet switched on for you"
    } else {
        "sent something that cannot be shown here"
    })
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
