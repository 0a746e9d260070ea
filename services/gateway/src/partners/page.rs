//! A page of sections: text, facts, a table, forms. After a form was refused the page shows it again with an error summary and
//! a title that begins with "Error: ".

use askama::Template;
use axum::response::Response;
use lcr_contracts::{Failure, FailureKind};

use crate::{
    claims::form::FieldProblem,
    layout::{Layout, html},
    partners::{
        form::Form,
        grid::{Grid, Tag},
        posted::Posted,
    },
    record::person_page::no_such_page,
    web::{error_page::ErrorPage, session::SignedInReader},
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
        self.grid = Some(grid);
        self
    }

    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.forms.push(form);
        self
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
#[template(path = "partner_page.html")]
struct PageTemplate {
    layout: Layout,
    problems: Vec<FieldProblem>,
    done: Option<&'static str>,
    heading: String,
    back: Option<(String, String)>,
    sections: Vec<Section>,
}

/// Draws a page. `layout` has its title, and `back` is (label, href).
pub(crate) fn show(
    mut layout: Layout,
    heading: impl Into<String>,
    back: Option<(String, String)>,
    sections: Vec<Section>,
    posted: &Posted,
) -> Response {
    let mut problems = Vec::new();
    if let Some((form_id, problem)) = posted.problem() {
        layout.title = format!("Error: {}", layout.title);
        problems.push(FieldProblem::new(form_id, problem));
    }
    let status = posted.status();
    html(status, &PageTemplate { layout, problems, done: posted.done, heading: heading.into(), back, sections })
}

/// The error page of a failure. A missing organisation must not read like an unknown person.
pub(crate) fn failure_page(reader: &SignedInReader, failure: &Failure) -> ErrorPage {
    match failure.kind {
        FailureKind::NotFound => reader.error_page(&no_such_page()),
        _ => reader.error_page(failure),
    }
}
