use super::*;

fn refused(pairs: &str) -> FormSubmission {
    let values: Values = serde_json::from_str(pairs).unwrap();
    FormSubmission::refused_because(values, "Not like this.")
}

fn form(submission: &FormSubmission) -> Form {
    Form::new("basic", "", "/x", "token", submission)
        .line("user", "User", "", "stored")
        .password("password", "Password", "")
        .long_secret("key", "Key", "")
        .checks("gives", "Gives", "", vec![("gives-a".into(), "A".into(), true)])
}

#[test]
fn a_refused_form_shows_what_was_typed_but_no_secret() {
    let submission = refused(r#"{"act": "basic", "user": "typed", "password": "secret", "key": "secret"}"#);
    let form = form(&submission);
    let shown: Vec<&str> = form.fields.iter().map(|field| field.value.as_str()).collect();
    assert_eq!(shown, ["typed", "", "", ""]);
    assert!(!form.fields[3].choices[0].chosen, "the box was not ticked");
    assert_eq!(form.problem.as_deref(), Some("Not like this."));
}

#[test]
fn another_form_of_the_page_keeps_its_stored_values() {
    let form = form(&refused(r#"{"act": "other", "user": "typed"}"#));
    assert_eq!(form.fields[0].value, "stored");
    assert!(form.problem.is_none() && form.fields[3].choices[0].chosen);
}
