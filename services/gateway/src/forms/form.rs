//! A form as the templates draw it. A form that was refused shows what was typed, except passwords and keys.

mod field;

use lcr_model::Dataset;

use crate::forms::{
    form_input::{ACT, ROW, Values, form_id},
    submission::FormSubmission,
};
use field::{Choice, Field, FieldKind};

/// A form with one button.
#[derive(Clone)]
pub(crate) struct Form {
    pub id: String,
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
    pub fields: Vec<Field>,
    pub button: &'static str,
    /// What the button is about, for screen readers.
    pub about: String,
    pub secondary: bool,
    /// Whether the reader may send it. A section and a table leave it out if not.
    pub may_send: bool,
    /// Why it was refused.
    pub problem: Option<String>,
    typed: Option<Values>,
}

impl Form {
    /// The form `act` of a row; `row` is empty for a form that the page has once.
    pub fn new(act: &'static str, row: &str, action: &str, token: &str, submission: &FormSubmission) -> Self {
        let form = Self::without_session(act, row, action, submission).hidden("form_token", token);
        if row.is_empty() { form } else { form.hidden(ROW, row) }
    }

    /// A form of somebody without a session. It has no token, so the page must check its origin.
    pub fn without_session(act: &'static str, row: &str, action: &str, submission: &FormSubmission) -> Self {
        let id = form_id(act, row);
        let refused = submission.refused(&id);
        Self {
            id,
            action: action.to_owned(),
            hidden: vec![(ACT, act.to_owned())],
            fields: Vec::new(),
            button: "Save",
            about: String::new(),
            secondary: false,
            may_send: true,
            problem: refused.map(|(_, problem)| problem.to_owned()),
            typed: refused.map(|(values, _)| values.clone()),
        }
    }

    #[must_use]
    pub fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn line(self, name: &str, label: &'static str, hint: &'static str, value: impl Into<String>) -> Self {
        self.field(FieldKind::Line, name, label, hint, value.into())
    }

    #[must_use]
    pub fn long(self, name: &str, label: &'static str, hint: &'static str, value: impl Into<String>) -> Self {
        self.field(FieldKind::Long, name, label, hint, value.into())
    }

    #[must_use]
    pub fn password(self, name: &str, label: &'static str, hint: &'static str) -> Self {
        self.field(FieldKind::Password, name, label, hint, String::new())
    }

    #[must_use]
    pub fn long_secret(self, name: &str, label: &'static str, hint: &'static str) -> Self {
        self.field(FieldKind::LongSecret, name, label, hint, String::new())
    }

    /// The reason that the history shows.
    #[must_use]
    pub fn reason(self, label: &'static str) -> Self {
        self.line("reason", label, "At most 500 characters. It is kept in the history.", "")
    }

    /// `choices` are (value, words).
    #[must_use]
    pub fn select(self, name: &str, label: &'static str, choices: Vec<(String, String)>, chosen: &str) -> Self {
        self.choose(FieldKind::Select, name, (label, ""), choices, chosen)
    }

    #[must_use]
    pub fn radios(self, name: &str, label: &'static str, choices: Vec<(String, String)>, chosen: &str) -> Self {
        self.choose(FieldKind::Radios, name, (label, ""), choices, chosen)
    }

    /// `choices` are (name, words, ticked). Each name is sent only if its box is ticked.
    #[must_use]
    pub fn checks(
        mut self,
        name: &str,
        label: &'static str,
        hint: &'static str,
        choices: Vec<(String, String, bool)>,
    ) -> Self {
        let choice = |(name, words, ticked): (String, String, bool)| {
            let chosen = self.typed.as_ref().map_or(ticked, |typed| typed.has(&name));
            Choice { id: format!("{}-{name}", self.id), value: "on".to_owned(), name, words, chosen }
        };
        let choices = choices.into_iter().map(choice).collect();
        let id = format!("{}-{name}", self.id);
        let name = name.to_owned();
        self.fields.push(Field { kind: FieldKind::Checks, id, name, label, hint, value: String::new(), choices });
        self
    }

    /// A checkbox for each dataset of `offered`.
    #[must_use]
    pub fn datasets(
        self,
        prefix: &str,
        label: &'static str,
        hint: &'static str,
        offered: &[Dataset],
        ticked: impl Fn(Dataset) -> bool,
    ) -> Self {
        let choice = |dataset: &Dataset| (format!("{prefix}-{dataset}"), dataset.title().to_owned(), ticked(*dataset));
        self.checks(prefix, label, hint, offered.iter().map(choice).collect())
    }

    #[must_use]
    pub fn button(mut self, button: &'static str) -> Self {
        self.button = button;
        self
    }

    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Whether the reader may send it.
    #[must_use]
    pub fn only_if(mut self, may_send: bool) -> Self {
        self.may_send = may_send;
        self
    }

    #[must_use]
    pub fn secondary(mut self) -> Self {
        self.secondary = true;
        self
    }

    fn field(mut self, kind: FieldKind, name: &str, label: &'static str, hint: &'static str, value: String) -> Self {
        let is_secret = matches!(kind, FieldKind::Password | FieldKind::LongSecret);
        let value = match &self.typed {
            _ if is_secret => String::new(),
            Some(typed) => typed.text(name),
            None => value,
        };
        let id = format!("{}-{name}", self.id);
        self.fields.push(Field { kind, id, name: name.to_owned(), label, hint, value, choices: Vec::new() });
        self
    }

    fn choose(
        mut self,
        kind: FieldKind,
        name: &str,
        (label, hint): (&'static str, &'static str),
        choices: Vec<(String, String)>,
        chosen: &str,
    ) -> Self {
        let chosen = self.typed.as_ref().map_or_else(|| chosen.to_owned(), |typed| typed.text(name));
        let choice = |(value, words): (String, String)| Choice {
            id: format!("{}-{name}-{value}", self.id),
            name: name.to_owned(),
            chosen: value == chosen,
            value,
            words,
        };
        let choices = choices.into_iter().map(choice).collect();
        let id = format!("{}-{name}", self.id);
        self.fields.push(Field { kind, id, name: name.to_owned(), label, hint, value: String::new(), choices });
        self
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
