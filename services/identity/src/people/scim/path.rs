//! Attribute paths of filters and changes: `userName`, `name.familyName`, `emails[type eq "work"].value`. Pure; bad
//! input must be refused, never guessed.

use super::{
    ScimError,
    filter::{self, Filter},
};

/// The core schemas, in lower case, by which an attribute may be named in full.
const OUR_SCHEMAS: [&str; 2] =
    ["urn:ietf:params:scim:schemas:core:2.0:user", "urn:ietf:params:scim:schemas:core:2.0:group"];

/// The most characters of a path.
const MAX_PATH: usize = 500;

/// An attribute, or a sub-attribute of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    pub name: String,
    pub sub: Option<String>,
    /// Whether it belongs to an extension, of which we keep nothing.
    pub foreign: bool,
}

impl AttributePath {
    /// Reads a path. `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, local) = match text.rsplit_once(':') {
            Some((schema, local)) => (Some(schema), local),
            None => (None, text),
        };
        if schema.is_some_and(|schema| !OUR_SCHEMAS.contains(&schema.to_ascii_lowercase().as_str())) {
            return Some(Self { name: local.to_owned(), sub: None, foreign: true });
        }
        let (name, sub) = match local.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (local, None),
        };
        if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
            return None;
        }
        Some(Self { name: name.to_owned(), sub: sub.map(str::to_owned), foreign: false })
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'$');
    begins && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

/// What an operation of a change is about.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    pub attribute: String,
    /// Which elements of a multi-valued attribute are meant.
    pub filter: Option<Filter>,
    pub sub: Option<String>,
}

impl PatchPath {
    /// Reads a path. `None` for an attribute of an extension, which we do not keep.
    pub fn parse(text: &str) -> Result<Option<Self>, ScimError> {
        let refused = || ScimError::bad("invalidPath", "A path of the change does not read.");
        let text = text.trim();
        if text.chars().count() > MAX_PATH {
            return Err(refused());
        }
        let Some((attribute, rest)) = text.split_once('[') else {
            let path = AttributePath::parse(text).ok_or_else(refused)?;
            return Ok((!path.foreign).then_some(Self { attribute: path.name, filter: None, sub: path.sub }));
        };
        let (inner, after) = rest.rsplit_once(']').ok_or_else(refused)?;
        let path = AttributePath::parse(attribute).filter(|path| path.sub.is_none()).ok_or_else(refused)?;
        let sub = match after.strip_prefix('.') {
            Some(sub) if is_name(sub) => Some(sub.to_owned()),
            None if after.is_empty() => None,
            _ => return Err(refused()),
        };
        let filter = filter::parse(inner).map_err(|_| refused())?;
        Ok((!path.foreign).then_some(Self { attribute: path.name, filter: Some(filter), sub }))
    }
}
