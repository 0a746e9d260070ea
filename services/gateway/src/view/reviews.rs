//! A review in words: what the record in doubt says beside what is known of the person who has the NHS number, and
//! where they differ. It says nothing about who is right.

use lcr_contracts::patient_index::{LinkReview, Stub};
use lcr_model::SourceId;

use super::{
    banner::{PROTECTED, full_name},
    table::{Cell, Row, Table, headings},
    words::{day, list, moment, nhs_number, sex},
};

/// One review as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    pub id: String,
    pub number: String,
    pub opened: String,
    /// "first name and sex".
    pub differs: String,
    pub table: Table,
}

/// Reviews in the order they came; `name` is what a source is called.
pub fn lines(reviews: &[LinkReview], name: impl Fn(&SourceId) -> String) -> Vec<ReviewLine> {
    reviews.iter().map(|review| line(review, &name)).collect()
}

fn line(review: &LinkReview, name: &impl Fn(&SourceId) -> String) -> ReviewLine {
    let mut differs = vec!["first name".to_owned()];
    differs.extend(review.other_sex.then(|| "sex".to_owned()));
    differs.extend(review.other_birth_date.then(|| "date of birth".to_owned()));
    let holders: Vec<String> = review.holder_sources.iter().map(name).collect();
    let sides = facts(&review.doubtful).into_iter().zip(facts(&review.holder));
    let row = |(at, (doubtful, holder)): (usize, (Fact, Fact))| Row {
        id: format!("{}-{at}", review.id),
        cells: vec![
            Cell::said(doubtful.0),
            Cell::said(doubtful.1.clone()).remarked((doubtful.1 != holder.1).then(|| "differs".to_owned())),
            Cell::said(holder.1),
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
            Cell::said("Sources"),
            Cell::said(name(&review.source)),
            Cell::or(Some(list(&holders)).filter(|names| !names.is_empty()), "Not known"),
        ],
    };
    table.rows.insert(0, sources);
    ReviewLine {
        id: review.id.to_string(),
        number: nhs_number(review.holder.nhs_number.as_ref()),
        opened: moment(review.opened_at),
        differs: list(&differs),
        table,
    }
}

/// What it is, and what one record says.
type Fact = (&'static str, String);

fn facts(stub: &Stub) -> Vec<Fact> {
    let or =
        |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "Not known".into());
    let address = if stub.location_protected { PROTECTED.into() } else { or(stub.address.clone()) };
    vec![
        ("Name", full_name(&stub.family, &stub.given, stub.title.as_deref())),
        ("Born", or(stub.birth_date.map(day))),
        ("Gender", sex(&stub.sex).to_owned()),
        ("Died", if stub.died { "Yes" } else { "No" }.to_owned()),
        ("Address", address),
    ]
}
