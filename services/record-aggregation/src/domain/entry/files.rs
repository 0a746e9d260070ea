//! The files an item has, and the attachment behind each. It never reads their bytes: that is a view of its own.

use lcr_contracts::record::File;
use lcr_fhir::read;
use serde_json::Value;

use crate::domain::kind::Kind;

/// Every attachment of the item, in the source's order.
pub fn attachments(kind: Kind, value: &Value) -> Vec<&Value> {
    match kind {
        Kind::DocumentReference => {
            read::list(value, "content").iter().filter_map(|content| content.get("attachment")).collect()
        }
        Kind::DiagnosticReport => read::list(value, "presentedForm").iter().collect(),
        _ => vec![],
    }
}

/// The files as an entry lists them.
pub fn files(kind: Kind, value: &Value) -> Vec<File> {
    attachments(kind, value).into_iter().map(file).collect()
}

fn file(attachment: &Value) -> File {
    let has = |field: &str| read::str_at(attachment, field).is_some();
    let title = read::text(attachment, "title");
    // Where a file of an HL7 v2 message could not be taken over, its title says why.
    let unavailable = (!has("data") && !has("url")).then(|| match &title {
        Some(title) => format!("Not sent as a file: {title}"),
        None => "The source sent no file".to_owned(),
    });
    File { title, content_type: read::text(attachment, "contentType"), unavailable }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_content_is_a_file_and_one_without_bytes_says_so() {
        let letter = json!({ "content": [
            { "attachment": { "contentType": "text/html", "data": "PHA+" } },
            { "attachment": { "contentType": "application/pdf", "url": "Binary/7", "title": "Letter" } },
            { "attachment": { "title": "Scan" } }] });
        let found = files(Kind::DocumentReference, &letter);
        assert_eq!(
            found.iter().map(|one| one.content_type.as_deref()).collect::<Vec<_>>(),
            [Some("text/html"), Some("application/pdf"), None]
        );
        assert_eq!(
            found.iter().map(|one| one.unavailable.is_some()).collect::<Vec<_>>(),
            [false, false, true]
        );
        let report = json!({ "presentedForm": [{ "contentType": "application/pdf", "data": "JVBERg==" }] });
        assert_eq!(files(Kind::DiagnosticReport, &report).len(), 1);
        assert_eq!(files(Kind::Observation, &report), []);
    }
}
