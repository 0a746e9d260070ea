//! The documents of the agreement as a page shows them: headings, paragraphs and lists of plain text.

use lcr_contracts::partners::agreement::{AgreementDocument, AgreementText};

use crate::forms::page::{Section, TextBlock};

/// One folded section for each document.
pub(crate) fn document_sections(text: &AgreementText, open: bool) -> Vec<Section> {
    let section = |document: &AgreementDocument| Section {
        blocks: text_blocks(&document.paragraphs),
        ..Section::new(format!("document-{}", document.name), document.title.clone()).folded(open)
    };
    text.documents.iter().map(section).collect()
}

/// Neighbouring items become one list.
fn text_blocks(paragraphs: &[String]) -> Vec<TextBlock> {
    let mut blocks: Vec<TextBlock> = Vec::new();
    for paragraph in paragraphs.iter().filter(|text| !text.trim().is_empty()) {
        if let Some(heading) = paragraph.strip_prefix("# ") {
            blocks.push(TextBlock { heading: Some(heading.to_owned()), ..TextBlock::default() });
        } else if let Some(item) = paragraph.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(list) if !list.items.is_empty() => list.items.push(item.to_owned()),
                _ => blocks.push(TextBlock { items: vec![item.to_owned()], ..TextBlock::default() }),
            }
        } else {
            blocks.push(TextBlock { text: Some(paragraph.clone()), ..TextBlock::default() });
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_follow_each_other_are_one_list() {
        let paragraphs = ["# Purpose", "Direct care.", "- one", "- two", "", "After."].map(str::to_owned);
        let blocks = text_blocks(&paragraphs);
        assert_eq!(blocks[0].heading.as_deref(), Some("Purpose"));
        assert_eq!(blocks[1].text.as_deref(), Some("Direct care."));
        assert_eq!(blocks[2].items, ["one", "two"]);
        assert_eq!((blocks[3].text.as_deref(), blocks.len()), (Some("After."), 4));
    }
}
