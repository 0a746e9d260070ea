//! Sanitises a source's resource for clients that may show it in a browser. It must never pass on a script, a style, a form, an
//! event handler, or an attachment's link to another host.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::Builder;
use reqwest::Url;
use serde_json::{Map, Value};

use crate::sources::links;

/// A longer narrative is dropped.
const MAX_NARRATIVE_BYTES: usize = 20_000;
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// The tags of FHIR narratives that only lay out text (FHIR R4, 2.4.1).
const TAGS: [&str; 35] = [
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tr",
];

static NARRATIVES: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().chain(["th", "thead", "tfoot", "ul", "u"]).collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
        ]));
    builder
});

/// Sanitises a resource and everything in it. `base` is the source's own address.
pub fn sanitise(resource: &mut Value, base: Option<&Url>) {
    match resource {
        Value::Array(all) => all.iter_mut().for_each(|value| sanitise(value, base)),
        Value::Object(fields) => {
            let is_narrative = fields.get("div").is_some_and(Value::is_string);
            if is_narrative {
                sanitise_narrative(fields);
            }
            for (name, field) in fields.iter_mut() {
                if matches!(name.as_str(), "attachment" | "presentedForm" | "photo") || name.ends_with("Attachment") {
                    sanitise_attachments(field, base);
                }
                sanitise(field, base);
            }
            fields.retain(|name, field| name != "text" || field.as_object().is_none_or(|text| !text.is_empty()));
        }
        _ => {}
    }
}

/// Reduces a narrative to the allowed tags, as XHTML. Removes one that is too long.
fn sanitise_narrative(fields: &mut Map<String, Value>) {
    let Some(Value::String(div)) = fields.get_mut("div") else { return };
    if div.len() > MAX_NARRATIVE_BYTES {
        fields.clear();
        return;
    }
    let clean = NARRATIVES.clean(div).to_string();
    let clean = clean.replace("<br>", "<br/>").replace("<hr>", "<hr/>").replace("<col>", "<col/>");
    *div = format!("<div xmlns=\"{XHTML}\">{}</div>", clean.replace("&nbsp;", "&#160;"));
}

/// Removes a link that is not https below the source's own address.
fn sanitise_attachments(field: &mut Value, base: Option<&Url>) {
    let all = match field {
        Value::Array(all) => all.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for fields in all.iter_mut().filter_map(Value::as_object_mut) {
        let Some(link) = fields.get("url").and_then(Value::as_str) else { continue };
        let own_url = base.and_then(|base| links::resolve_link(base, link).ok());
        match own_url.filter(|url| url.scheme() == "https") {
            Some(url) => fields.insert("url".to_owned(), Value::String(url.to_string())),
            None => fields.remove("url"),
        };
    }
}

#[cfg(test)]
#[path = "sanitise_tests.rs"]
mod tests;
