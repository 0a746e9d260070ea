//! For one dataset: which sources gave, hold nothing, are silent or may not share, and the words for it.
//! Every reported source is in exactly one of these lists, so that no page can leave one out.

use jiff::Timestamp;
use lcr_contracts::record::Record;
use lcr_model::{Dataset, SourceState};

use super::{
    missing::missing_words,
    words::{count, list, moment_near},
};

/// Names of sources by what they said about one dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    pub has: Vec<String>,
    pub nothing: Vec<String>,
    pub asking: Vec<String>,
    /// Sources without an answer, or with part of one.
    pub silent: Vec<String>,
    /// What each of the silent ones did, to follow its name.
    pub silent_words: Vec<(String, String)>,
    /// Those of the silent ones that answered, and of whose answer a part is not shown.
    pub in_part: Vec<String>,
    pub stale: Vec<(String, Timestamp)>,
    pub not_agreed: Vec<String>,
    pub withheld: Vec<String>,
    pub opted_out: Vec<String>,
    pub not_connected: Vec<String>,
}

impl Gaps {
    pub fn of(record: &Record, dataset: Dataset) -> Self {
        Self::among(record, dataset, |_| true)
    }

    /// The same among the sources of one kind.
    pub fn among(record: &Record, dataset: Dataset, kind: impl Fn(&str) -> bool) -> Self {
        let mut gaps = Self::default();
        for source in record.sources.iter().filter(|source| kind(&source.kind)) {
            for report in source.datasets.iter().filter(|report| report.dataset == dataset) {
                // What a source sent and nobody could read is as good as no answer.
                let unread = record.not_shown.iter().any(|one| {
                    one.source == source.source && one.dataset == dataset && one.reason.hides_a_fact()
                });
                let missing = missing_words(report).or_else(|| {
                    let unread = unread && report.state.answered();
                    unread.then(|| "sent something that cannot be shown here".to_owned())
                });
                match missing {
                    Some(words) => {
                        if report.state.answered() {
                            gaps.in_part.push(source.name.clone());
                        }
                        gaps.silent.push(source.name.clone());
                        gaps.silent_words.push((source.name.clone(), words));
                    }
                    None => gaps.add(source.name.clone(), report.state),
                }
            }
        }
        gaps
    }

    fn add(&mut self, name: String, state: SourceState) {
        match state {
            SourceState::HasData => self.has.push(name),
            SourceState::NoData | SourceState::NoRecord => self.nothing.push(name),
            SourceState::Asking => self.asking.push(name),
            // Told with its words by the caller.
            SourceState::TimedOut | SourceState::Failed => self.silent.push(name),
            SourceState::Stale { as_of } => self.stale.push((name, as_of)),
            SourceState::NotAgreed => self.not_agreed.push(name),
            SourceState::Withheld => self.withheld.push(name),
            SourceState::OptedOut => self.opted_out.push(name),
            SourceState::NotConnected => self.not_connected.push(name),
        }
    }

    /// Sources whose word of this moment is missing.
    pub fn unanswered(&self) -> Vec<String> {
        let stale = self.stale.iter().map(|(name, _)| name);
        self.asking.iter().chain(&self.silent).chain(stale).cloned().collect()
    }

    /// Sources that may hold something but may not share it here.
    pub fn kept_back(&self) -> Vec<String> {
        [&self.not_agreed, &self.withheld, &self.opted_out].into_iter().flatten().cloned().collect()
    }

    /// Nobody has said anything yet, and somebody still may.
    pub fn waiting(&self) -> bool {
        !self.asking.is_empty() && self.has.is_empty() && self.nothing.is_empty() && self.stale.is_empty()
    }

    /// What a reader must know beside the entries, one sentence each.
    pub fn sentences(&self, now: Timestamp) -> Vec<String> {
        let mut out = Vec::new();
        let mut say = |names: &[String], before: &str, after: &str| {
            if !names.is_empty() {
                out.push(format!("{before}{}{after}", list(names)));
            }
        };
        say(&self.asking, "Still asking ", "…");
        for (words, names) in self.by_words() {
            say(&names, "", &format!(" {words}."));
        }
        say(&self.not_agreed, "Not agreed to share with your organisation: ", ".");
        say(&self.withheld, "Not shown here by a sharing rule: ", ".");
        say(&self.opted_out, "Not shared because of the person's choice: ", ".");
        out.extend(
            self.stale.iter().map(|(name, at)| format!("{name}: older copy from {}.", moment_near(*at, now))),
        );
        out
    }

    /// The silent sources grouped by what they did, in the order they came.
    fn by_words(&self) -> Vec<(String, Vec<String>)> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (name, words) in &self.silent_words {
            match groups.iter_mut().find(|(held, _)| held == words) {
                Some((_, names)) => names.push(name.clone()),
                None => groups.push((words.clone(), vec![name.clone()])),
            }
        }
        groups
    }

    /// What stands in place of entries when there are none.
    pub fn none_shown(&self, what: &str) -> String {
        if self.waiting() {
            return format!("Asking {} for {what}…", count(self.asking.len(), "source", "sources"));
        }
        let complete = self.unanswered().is_empty() && self.kept_back().is_empty();
        match (self.nothing.is_empty(), complete) {
            (false, true) => format!("No {what} held at {}.", list(&self.nothing)),
            (false, false) => {
                format!("No {what} held at {}. Do not assume there are none.", list(&self.nothing))
            }
            (true, true) => format!("No connected source gives {what}. Do not assume there are none."),
            (true, false) => format!("No {what} can be shown. Do not assume there are none."),
        }
    }

    /// Why there is no count, in two or three words for a tab.
    pub fn reason(&self) -> &'static str {
        match self {
            _ if !self.asking.is_empty() => "asking…",
            _ if !self.silent.is_empty() => "no answer",
            _ if !self.stale.is_empty() => "older copy",
            _ if !self.nothing.is_empty() => "none held",
            _ if !self.opted_out.is_empty() => "not shared",
            _ if !self.not_agreed.is_empty() => "not agreed",
            _ if !self.withheld.is_empty() => "not shown",
            _ => "not connected",
        }
    }
}
