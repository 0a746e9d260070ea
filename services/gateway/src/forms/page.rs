//! A page of sections: text, facts, a table, forms. After a form was refused the page shows it again with an error summary. No
//! section may be left empty because its reader may not send its form.

use askama::Template;
use axum::response::Response;
use lcr_contracts::{Failure, FailureKind};

use crate::{
    forms::{
        field_problem::FieldProblem,
        form::Form,
        grid::{Grid, Tag},
        submission::FormSubmission,
    },
    layout::{Layout, html},
    web::{
        error_page::{ErrorPage, no_such_page},
        session::SignedInReader,
    },
};

/// A step of the task list.
#[derive(Debug, Clone)]
pub(crate) struct TaskLine {
    pub id: String,
    pub words: &'static str,
    pub href: Option<String>,
    pub remark: String,
    pub state: Tag,
}

/// A part of a text: a heading, a paragraph or a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TextBlock {
    pub heading: Option<String>,
    pub text: Option<String>,
    pub items: Vec<String>,
}

#[derive(Clone, Default)]
pub(crate) struct Section {
    /// Empty, or unique on its page.
    pub id: String,
    pub heading: String,
    pub texts: Vec<String>,
    pub blocks: Vec<TextBlock>,
    pub facts: Vec<(&'static str, String)>,
    /// Texts to copy, with their labels.
    pub codes: Vec<(&'static str, String)>,
    pub tasks: Vec<TaskLine>,
    pub grid: Option<Grid>,
    pub forms: Vec<Form>,
    /// (label, href).
    pub links: Vec<(String, String)>,
    /// Whether the section unfolds from its heading, and whether it is open at first.
    pub folded: bool,
    pub open: bool,
    /// Whether the reader may not send some of its forms.
    pub lacks_forms: bool,
}

impl Section {
    pub fn new(id: impl Into<String>, heading: impl Into<String>) -> Self {
        Self { id: id.into(), heading: heading.into(), ..Self::default() }
    }

    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into());
        self
    }

    #[must_use]
    pub fn fact(mut self, label: &'static str, value: impl Into<String>) -> Self {
        let value = Some(value.into()).filter(|value| !value.trim().is_empty());
        self.facts.push((label, value.unwrap_or_else(|| "not recorded".to_owned())));
        self
    }

    #[must_use]
    pub fn code(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.codes.push((label, text.into()));
        self
    }

    #[must_use]
    pub fn grid(mut self, grid: Grid) -> Self {
        self.lacks_forms |= grid.rows.iter().flatten().any(|cell| cell.lacks_forms);
        self.grid = Some(grid);
        self
    }

    /// Adds the form if the reader may send it.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        if form.may_send {
            self.forms.push(form);
        } else {
            self.lacks_forms = true;
        }
        self
    }

    /// Adds a link to the page of a form if the reader may send it.
    #[must_use]
    pub fn form_link(mut self, may_send: bool, label: impl Into<String>, href: impl Into<String>) -> Self {
        if may_send {
            return self.link(label, href);
        }
        self.lacks_forms = true;
        self
    }

    /// Whether it serves only forms that the reader may not send. Its text is about them.
    fn is_only_for_others(&self) -> bool {
        let is_without_content = self.blocks.is_empty()
            && self.facts.is_empty()
            && self.codes.is_empty()
            && self.tasks.is_empty()
            && self.grid.is_none()
            && self.links.is_empty();
        self.lacks_forms && self.forms.is_empty() && is_without_content
    }

    #[must_use]
    pub fn link(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.links.push((label.into(), href.into()));
        self
    }

    /// Unfolds from its heading.
    #[must_use]
    pub fn folded(mut self, open: bool) -> Self {
        self.folded = true;
        self.open = open;
        self
    }
}

#[derive(Template)]
#[template(path = "section_page.html")]
struct PageTemplate {
    layout: Layout,
    problems: Vec<FieldProblem>,
    done: Option<&'static str>,
    heading: String,
    back: Option<(String, String)>,
    sections: Vec<Section>,
}

/// Draws a page without the sections that serve only forms of others. `layout` has its title, and `back` is (label, href).
pub(crate) fn show(
    layout: Layout,
    heading: impl Into<String>,
    back: Option<(String, String)>,
    mut sections: Vec<Section>,
    submission: &FormSubmission,
) -> Response {
    sections.retain(|section| !section.is_only_for_others());
    let problems = submission.problems();
    let layout = layout.with_problem(!problems.is_empty());
    let status = submission.status();
    html(status, &PageTemplate { layout, problems, done: submission.done, heading: heading.into(), back, sections })
}

/// The error page of a failure. A missing organisation must not read like an unknown person.
pub(crate) fn failure_page(reader: &SignedInReader, failure: &Failure) -> ErrorPage {
    match failure.kind {
        FailureKind::NotFound => reader.error_page(&no_such_page()),
        _ => reader.error_page(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_left_out_only_if_it_serves_forms_of_others_alone() {
        let form = |may_send| Form::without_session("add", "", "/x", &FormSubmission::default()).only_if(may_send);
        let section = || Section::new("add", "Add a person").text("A new starter works as soon as they are here.");
        assert!(section().form(form(false)).is_only_for_others());
        assert!(section().form_link(false, "Add", "/add").is_only_for_others());
        assert!(!section().form(form(false)).form(form(true)).is_only_for_others());
        assert!(!section().fact("State", "Live").form(form(false)).is_only_for_others());
        assert!(!section().is_only_for_others(), "it never had a form");
    }
}
