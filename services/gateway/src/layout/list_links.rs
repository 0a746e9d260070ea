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
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_on_exactly_one_page() {
        for total in [0_usize, 1, 49, 50, 51, 214] {
            let pages = total.max(1).div_ceil(50);
            let all: Vec<usize> =
                (1..=pages).flat_map(|number| page_of(total, 50, number, ("", ""), |_| String::new()).0).collect();
            assert_eq!(all, (0..total).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_page_says_where_it_is_and_a_page_past_the_end_is_the_last() {
        let (range, paging) = page_of(214, 50, 9, ("Newer", "Older"), |page| format!("?page={page}"));
        let paging = paging.unwrap();
        assert_eq!((range, paging.words.as_str()), (200..214, "201 to 214 of 214"));
        assert_eq!((paging.before.unwrap().href.as_str(), paging.after), ("?page=4", None));
        assert_eq!(page_of(50, 50, 1, ("", ""), |_| String::new()).1, None);
    }
}
