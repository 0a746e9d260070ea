//! The warning about a record under the same NHS number that may be another person's. It never says anything from that
//! record.

use lcr_contracts::patient_index::Doubt;

/// The warning shown beside the source of the record.
pub fn warning_text(doubt: &Doubt) -> String {
    let other = match (doubt.other_sex, doubt.other_birth_date) {
        (true, true) => "first name, sex and date of birth",
        (false, true) => "first name and date of birth",
        _ => "first name and sex",
    };
    format!(
        "This source has a record under the same NHS number with a different {other}. \
         It is not shown here until somebody has checked whose it is."
    )
}

#[cfg(test)]
mod tests {
    use lcr_model::SourceId;

    use super::*;

    #[test]
    fn the_warning_says_what_differs() {
        let doubt = |other_sex, other_birth_date| {
            warning_text(&Doubt { source: SourceId::new("st-hildas"), other_sex, other_birth_date })
        };
        assert!(doubt(true, false).contains("a different first name and sex."));
        assert!(doubt(false, true).contains("a different first name and date of birth."));
        assert!(doubt(true, true).contains("a different first name, sex and date of birth."));
    }
}
