//! A review of a doubtful link: the doubtful record beside the person who has the NHS number, and where they differ.
//! It must not suggest a decision.

use lcr_contracts::patient_index::{LinkReview, PatientSummary};
use lcr_model::SourceId;

use crate::{
    layout::{
        format::{format_day, format_moment, format_nhs_number, format_sex, join_with_and},
        table::{Cell, Row, Table, headings},
    },
    record::banner::{PROTECTED, full_name},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    pub id: String,
    pub number: String,
    pub opened: String,
    /// "first name and sex".
    pub differs: String,
    pub table: Table,
}

/// The reviews in their order. `source_name` gives the name of a source.
pub fn review_lines(reviews: &[LinkReview], source_name: impl Fn(&SourceId) -> String) -> Vec<ReviewLine> {
    reviews.iter().map(|review| review_line(review, &source_name)).collect()
}

fn review_line(review: &LinkReview, source_name: &impl Fn(&SourceId) -> String) -> ReviewLine {
    let mut differs = vec!["first name".to_owned()];
    differs.extend(review.other_sex.then(|| "sex".to_owned()));
    differs.extend(review.other_birth_date.then(|| "date of birth".to_owned()));
    let holders: Vec<String> = review.holder_sources.iter().map(source_name).collect();
    let sides = facts(&review.doubtful).into_iter().zip(facts(&review.holder));
    let row = |(at, (doubtful, holder)): (usize, (Fact, Fact))| Row {
        id: format!("{}-{at}", review.id),
        cells: vec![
            Cell::new(doubtful.0),
            Cell::new(doubtful.1.clone()).with_remark((doubtful.1 != holder.1).then(|| "differs".to_owned())),
            Cell::new(holder.1),
        ],
    };
    let mut table = Table {
        caption: "The two records".into(),
        note: None,
        columns: headings(&["What", "Record in doubt", "Person who has the number"]),
        rows: sides.enumerate().map(row).collect(),
        empty: String::new(),
    };
    let sources = Row {
        id: format!("{}-sources", review.id),
        cells: vec![
            Cell::new("Sources"),
            Cell::new(source_name(&review.source)),
            Cell::or(Some(join_with_and(&holders)).filter(|names| !names.is_empty()), "Not known"),
        ],
    };
    table.rows.insert(0, sources);
    ReviewLine {
        id: review.id.to_string(),
        number: format_nhs_number(review.holder.nhs_number.as_ref()),
        opened: format_moment(review.opened_at),
        differs: join_with_and(&differs),
        table,
    }
}

/// The label of a fact, and the value in one record.
type Fact = (&'static str, String);

fn facts(patient: &PatientSummary) -> Vec<Fact> {
    let or_not_known =
        |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "Not known".into());
    let address = if patient.location_protected { PROTECTED.into() } else { or_not_known(patient.address.clone()) };
    vec![
        ("Name", full_name(&patient.family, &patient.given, patient.title.as_deref())),
        ("Born", or_not_known(patient.birth_date.map(format_day))),
        ("Gender", format_sex(&patient.sex).to_owned()),
        ("Died", if patient.died { "Yes" } else { "No" }.to_owned()),
        ("Address", address),
    ]
}
