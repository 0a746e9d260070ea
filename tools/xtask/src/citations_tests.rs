//! Tests of `citations.rs`.

use super::*;

#[test]
fn documents_are_cited_by_name_or_path_and_other_sites_do_not_count() {
    assert_eq!(
        citations("See `ACCESS.md`, [the map](../services/README.md#top)."),
        ["ACCESS.md", "../services/README.md"]
    );
    assert!(citations("https://example.org/docs/README.md and x.md5").is_empty());
}

#[test]
fn a_citation_is_found_beside_its_file_or_by_the_end_of_its_path() {
    let tracked = ["services/README.md", "services/consent/ACCESS.md"].map(str::to_owned).into();
    assert!(is_tracked(&tracked, "libs/model/src/lib.rs", "ACCESS.md"));
    assert!(is_tracked(&tracked, "services/DESIGN.md", "consent/ACCESS.md"));
    assert!(!is_tracked(&tracked, "services/DESIGN.md", concat!("access", ".md")));
    assert!(!is_tracked(&tracked, "services/DESIGN.md", concat!("missing/ACCESS", ".md")));
}
