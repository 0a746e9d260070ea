//! Tests of `grid.rs`.

use super::*;
use crate::forms::submission::FormSubmission;

#[test]
fn no_cell_is_ever_empty() {
    let cells =
        [GridCell::text(" "), GridCell::lines(vec![]), GridCell::or(None, "none"), GridCell::forms(vec![], "no")];
    for cell in cells {
        assert!(cell.lines.iter().any(|line| !line.trim().is_empty()));
    }
}

#[test]
fn a_form_that_the_reader_may_not_send_leaves_the_words_who_may() {
    let form = |may_send| Form::without_session("end", "", "/x", &FormSubmission::default()).only_if(may_send);
    assert_eq!(GridCell::forms(vec![form(false), form(true)], "none").forms.len(), 1);
    let cell = GridCell::forms(vec![form(false)], "none");
    assert!(cell.forms.is_empty() && cell.lacks_forms);
    assert_eq!(cell.lines, [FOR_ADMINISTRATORS]);
}
