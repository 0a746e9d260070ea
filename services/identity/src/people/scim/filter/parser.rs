//! Reads filters (RFC 7644, section 3.4.2.2) into a tree. Pure. The text comes from outside, so its length and depth
//! are limited, and no text may cause a panic.

use std::{iter::Peekable, vec::IntoIter};

use serde_json::Value;

use super::{
    super::{ScimError, path::AttributePath},
    Filter, Operator,
};

/// The most characters of a filter.
const MAX_LENGTH: usize = 1000;
/// The most expressions within each other.
const MAX_DEPTH: usize = 10;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    OpenElement,
    CloseElement,
    Word(String),
    Text(String),
}

type Tokens = Peekable<IntoIter<Token>>;

fn refused() -> ScimError {
    ScimError::bad("invalidFilter", "The filter does not read.")
}

/// Reads a filter.
pub fn parse(text: &str) -> Result<Filter, ScimError> {
    if text.chars().count() > MAX_LENGTH {
        return Err(ScimError::bad("invalidFilter", "The filter is longer than 1,000 characters."));
    }
    let mut tokens = tokens(text)?.into_iter().peekable();
    let filter = any_of(&mut tokens, 0)?;
    if tokens.next().is_some() { Err(refused()) } else { Ok(filter) }
}

fn tokens(text: &str) -> Result<Vec<Token>, ScimError> {
    let mut tokens = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenElement),
            ']' => Some(Token::CloseElement),
            _ => None,
        };
        let (token, length) = match (single, first) {
            (Some(token), _) => (token, 1),
            (None, '"') => quoted(rest)?,
            (None, _) => word(rest)?,
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// A text in quotation marks, escaped as in JSON, and its length in bytes.
fn quoted(rest: &str) -> Result<(Token, usize), ScimError> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let quoted = rest.get(..=at).ok_or_else(refused)?;
                let text = serde_json::from_str(quoted).map_err(|_| refused())?;
                return Ok((Token::Text(text), quoted.len()));
            }
            _ => {}
        }
    }
    Err(refused())
}

fn word(rest: &str) -> Result<(Token, usize), ScimError> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b":._-$+".contains(byte);
    let length = rest.bytes().take_while(|byte| is_part(byte)).count();
    let word = rest.get(..length).filter(|word| !word.is_empty()).ok_or_else(refused)?;
    Ok((Token::Word(word.to_owned()), length))
}

fn takes_word(tokens: &mut Tokens, name: &str) -> bool {
    let is_it = |token: &Token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(name));
    tokens.next_if(is_it).is_some()
}

fn any_of(tokens: &mut Tokens, depth: usize) -> Result<Filter, ScimError> {
    let mut filter = all_of(tokens, depth)?;
    while takes_word(tokens, "or") {
        filter = Filter::Or(Box::new(filter), Box::new(all_of(tokens, depth)?));
    }
    Ok(filter)
}

fn all_of(tokens: &mut Tokens, depth: usize) -> Result<Filter, ScimError> {
    let mut filter = one(tokens, depth)?;
    while takes_word(tokens, "and") {
        filter = Filter::And(Box::new(filter), Box::new(one(tokens, depth)?));
    }
    Ok(filter)
}

fn one(tokens: &mut Tokens, depth: usize) -> Result<Filter, ScimError> {
    if depth >= MAX_DEPTH {
        return Err(ScimError::bad("invalidFilter", "The filter has more than ten expressions within each other."));
    }
    match tokens.next() {
        Some(Token::Open) => in_brackets(tokens, &Token::Close, depth),
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("not") => {
            if tokens.next() != Some(Token::Open) {
                return Err(refused());
            }
            Ok(Filter::Not(Box::new(in_brackets(tokens, &Token::Close, depth)?)))
        }
        Some(Token::Word(word)) => about(AttributePath::parse(&word).ok_or_else(refused)?, tokens, depth),
        _ => Err(refused()),
    }
}

fn in_brackets(tokens: &mut Tokens, end: &Token, depth: usize) -> Result<Filter, ScimError> {
    let filter = any_of(tokens, depth + 1)?;
    if tokens.next().as_ref() == Some(end) { Ok(filter) } else { Err(refused()) }
}

fn about(path: AttributePath, tokens: &mut Tokens, depth: usize) -> Result<Filter, ScimError> {
    match tokens.next() {
        Some(Token::OpenElement) => {
            let filter = Box::new(in_brackets(tokens, &Token::CloseElement, depth)?);
            Ok(Filter::Element { path, filter })
        }
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("pr") => Ok(Filter::Present(path)),
        Some(Token::Word(word)) => {
            let operator = Operator::of_name(&word).ok_or_else(refused)?;
            let value = match tokens.next() {
                Some(Token::Text(text)) => Value::String(text),
                // `true`, `false`, `null` or a number.
                Some(Token::Word(word)) => serde_json::from_str(&word.to_ascii_lowercase()).map_err(|_| refused())?,
                _ => return Err(refused()),
            };
            Ok(Filter::Compare { path, operator, value })
        }
        _ => Err(refused()),
    }
}
