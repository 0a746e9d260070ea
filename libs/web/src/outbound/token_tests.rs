//! Tests of `token.rs`.

use super::*;

fn read(body: &str) -> Option<(String, i64)> {
    let (header, time) = read_token(body.as_bytes())?;
    Some((header.to_str().unwrap().to_owned(), time.as_secs()))
}

#[test]
fn a_token_is_used_for_its_time_less_a_margin() {
    let bearer = |seconds| Some(("Bearer t".to_owned(), seconds));
    for (more, expected) in [
        (r#","token_type":"Bearer","expires_in":300"#, bearer(270)),
        (r#","token_type":"bearer","expires_in":"300""#, bearer(270)),
        (r#","expires_in":20"#, bearer(10)),
        (r#","expires_in":-5"#, bearer(0)),
        ("", bearer(30)),
        (r#","expires_in":{}"#, bearer(30)),
        (r#","token_type":"mac""#, None),
    ] {
        assert_eq!(read(&format!(r#"{{"access_token":"t"{more}}}"#)), expected, "{more}");
    }
    for body in ["", "<html>", "{}", r#"{"access_token":""}"#, r#"{"access_token":"a\nb"}"#] {
        assert_eq!(read(body), None, "{body}");
    }
}
