//! Lists the files of an item. It never reads their bytes, because opening a file is a separate view.

use lcr_contracts::record::File;
use lcr_fhir::read;
use serde_json::Value;

use crate::domain::resource_type::ResourceType;

/// All attachments of the item, in the source's order.
pub fn attachments(resource_type: ResourceType, value: &Value) -> Vec<&Value> {
    match resource_type {
        ResourceType::DocumentReference => {
            read::list(value, "content").iter().filter_map(|content| content.get("attachment")).collect()
        }
        ResourceType::DiagnosticReport => read::list(value, "presentedForm").iter().collect(),
        _ => vec![],
    }
}

/// The files as an entry lists them.
pub fn files(resource_type: ResourceType, value: &Value) -> Vec<File> {
    attachments(resource_type, value).into_iter().map(file).collect()
}

fn file(attachment: &Value) -> File {
    let has = |field: &str| read::str_at(attachment, field).is_some();
    let title = read::text(attachment, "title");
    // If feeds could not convert a file of an HL7 v2 message, its title gives the reason.
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
    fn every_attachment_is_a_file_and_one_without_bytes_is_unavailable() {
        let letter = json!({ "content": [
            { "attachment": { "contentType": "text/html", "data": "PHA+" } },
            { "attachment": { "contentType": "application/pdf", "url": "Binary/7", "title": "Letter" } },
            { "attachment": { "title": "Scan" } }] });
        let found = files(ResourceType::DocumentReference, &letter);
        assert_eq!(
            found.iter().map(|one| one.content_type.as_deref()).collect::<Vec<_>>(),
            [Some("text/html"), Some("application/pdf"), None]
        );
        assert_eq!(found.iter().map(|one| one.unavailable.is_some()).collect::<Vec<_>>(), [false, false, true]);
        let report = json!({ "presentedForm": [{ "contentType": "application/pdf", "data": "JVBERg==" }] });
        assert_eq!(files(ResourceType::DiagnosticReport, &report).len(), 1);
        assert_eq!(files(ResourceType::Observation, &report), []);
    }
}
