//! Pages of a search. A link to another address must never be followed.

use crate::{keys, report::Report, source::Source};

const NAME: &str = "paging";

/// Lists two people at a time, and reads the next page if there is one.
pub async fn check(source: &Source, report: &mut Report) {
    let first = match source.search("Patient", &[("_count", "2")]).await {
        Ok(first) => first.page,
        Err(error) => return report.failed(NAME, format!("GET Patient?_count=2 {error}.")),
    };
    let here = u64::try_from(first.keys.len()).unwrap_or(u64::MAX);
    let Some(next) = &first.next else {
        return match first.total {
            Some(total) if total > here => report.failed(
                NAME,
                format!(
                    "The answer says that there are {total} people, holds {here} and has no next link to the others."
                ),
            ),
            _ => report.passed(NAME, "Everybody came on one page."),
        };
    };
    let Some(url) = source.resolve(next) else {
        return report.failed(
            NAME,
            "The next link leads to another address than that of the source. Behind a proxy, set your server's public base address.",
        );
    };
    match source.read_page(url, "Patient").await {
        Err(error) => report.failed(NAME, format!("The next page {error}.")),
        Ok(second) if second.page.keys.is_empty() && second.page.next.is_none() => {
            report.warning(NAME, "The next link leads to an empty page.");
        }
        Ok(second) if keys(&second.page).is_subset(&keys(&first)) => {
            report.failed(NAME, "The next page holds the same people as the page before.");
        }
        Ok(_) => report.passed(NAME, "The next link leads to more people."),
    }
}
