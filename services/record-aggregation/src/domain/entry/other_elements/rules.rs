//! The treatment of each element, read from `elements.txt`.

use std::{collections::HashMap, sync::LazyLock};

/// The treatment of each element.
pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::parse(include_str!("../../elements.txt")));

/// How an element is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    Shown,
    Used,
    More(&'static str),
    LeftOut(&'static str),
    Technical,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) treatment: Treatment,
    /// The block with the rules for its parts.
    pub(super) parts: Option<&'static str>,
}

pub(super) struct Rules(pub(super) HashMap<&'static str, HashMap<&'static str, Rule>>);

impl Rules {
    fn parse(table: &'static str) -> Self {
        let (mut rules, mut block): (HashMap<&str, HashMap<&str, Rule>>, &str) = (HashMap::new(), "");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix("  ").and_then(|line| line.split_once(' ')) {
                Some((name, rule)) => {
                    rules.entry(block).or_default().insert(name, Rule::parse(rule));
                }
                None => block = line,
            }
        }
        Self(rules)
    }

    /// Finds the rule for a JSON field: its own, that of its choice element, or that of every type.
    pub(super) fn find(&self, block: &str, name: &str) -> Option<Rule> {
        let own = self.0.get(block);
        let exact = own.and_then(|rules| rules.get(name));
        let choice = || {
            let chosen = |choice: &str| {
                let base = choice.strip_suffix("[x]")?;
                name.strip_prefix(base).filter(|data_type| data_type.starts_with(char::is_uppercase))
            };
            own?.iter().find(|(choice, _)| chosen(choice).is_some()).map(|(_, rule)| rule)
        };
        exact.or_else(choice).or_else(|| self.0.get("*")?.get(name)).copied()
    }
}

impl Rule {
    fn parse(line: &'static str) -> Self {
        let (line, parts) = match line.split_once(" > ") {
            Some((line, parts)) => (line, Some(parts)),
            None => (line, None),
        };
        let (word, label) = line.split_once(' ').unwrap_or((line, ""));
        let treatment = match word {
            "shown" => Treatment::Shown,
            "more" => Treatment::More(label),
            "left-out" => Treatment::LeftOut(label),
            "technical" => Treatment::Technical,
            _ => Treatment::Used,
        };
        Self { treatment, parts }
    }
}
