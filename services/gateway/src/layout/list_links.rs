//! Links that filter, sort and page a list without a script. A list that is cut into pages must say how many entries it has.

/// A group of links of which one is the current choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkGroup {
    pub label: &'static str,
    pub links: Vec<ListLink>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLink {
    pub words: String,
    pub href: String,
    pub current: bool,
}

impl LinkGroup {
    /// A group of (words, address, is current), or nothing if there is no choice.
    pub fn new(label: &'static str, links: impl IntoIterator<Item = (String, String, bool)>) -> Option<Self> {
        let links: Vec<ListLink> =
            links.into_iter().map(|(words, href, current)| ListLink { words, href, current }).collect();
        (links.len() > 1).then_some(Self { label, links })
    }
}

/// The position in a list of several pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// `51 to 100 of 214`.
    pub words: String,
    pub before: Option<ListLink>,
    pub after: Option<ListLink>,
}

/// The range of a page, and its links if there is more than one page. A page past the end is the last one.
pub fn page_of(
    total: usize,
    size: usize,
    number: usize,
    (before, after): (&str, &str),
    href: impl Fn(usize) -> String,
) -> (std::ops::Range<usize>, Option<Paging>) {
    let pages = total.div_ceil(size.max(1)).max(1);
    let number = number.clamp(1, pages);
    let start = (number - 1) * size;
    let end = (start + size).min(total);
    let link = |words: &str, number: usize| ListLink { words: words.to_owned(), href: href(number), current: false };
    let paging = (pages > 1).then(|| Paging {
        words: format!("{} to {end} of {total}", start + 1),
        before: (number > 1).then(|| link(before, number - 1)),
        after: (number < pages).then(|| link(after, number + 1)),
    });
    (start..end, paging)
}

#[cfg(test)]
#[path = "list_links_tests.rs"]
mod tests;
