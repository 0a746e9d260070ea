//! The datasets that each page asks for. A page must ask for nothing that it does not show, because the log says what was
//! asked for.

use lcr_model::Dataset;

use crate::record::tabs::CurrentPage;

/// What the banner of every page about a person shows: name and contact details, alerts, allergies, what plans for an
/// emergency decide, and where the person is.
pub const BANNER_DATASETS: [Dataset; 6] = [
    Dataset::Demographics,
    Dataset::Alerts,
    Dataset::Allergies,
    Dataset::Encounters,
    Dataset::CarePlans,
    Dataset::EndOfLife,
];

/// The datasets of a page, or `None` for every dataset that the role may see.
pub fn page_datasets(at: CurrentPage) -> Option<Vec<Dataset>> {
    let CurrentPage::Dataset(shown) = at else { return None };
    let is_on_page = |dataset: &&Dataset| **dataset == shown || BANNER_DATASETS.contains(dataset);
    Some(Dataset::ALL.iter().filter(is_on_page).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_asks_for_its_own_dataset_and_the_banners() {
        assert_eq!(page_datasets(CurrentPage::Summary), None);
        assert_eq!(page_datasets(CurrentPage::Timeline), None);
        for dataset in Dataset::ALL {
            let asked = page_datasets(CurrentPage::Dataset(*dataset)).unwrap();
            let of_banner = BANNER_DATASETS.contains(dataset);
            assert_eq!(asked.len(), BANNER_DATASETS.len() + usize::from(!of_banner), "{dataset}");
            assert!(asked.contains(dataset) && BANNER_DATASETS.iter().all(|one| asked.contains(one)), "{dataset}");
        }
    }
}
