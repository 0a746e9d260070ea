//! Pages made of sections, tables and forms, and what came of a form that was sent. The rooms that use them say what a page holds
//! and who may change it; nothing here may know what a form is about.

pub(crate) mod field_problem;
pub(crate) mod form;
pub(crate) mod form_input;
pub(crate) mod grid;
pub(crate) mod page;
pub(crate) mod submission;
