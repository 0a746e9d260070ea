//! Tests of `columns.rs`.

use super::*;

fn available() -> Vec<Column> {
    let standard =
        [(PATIENT_COLUMN, "Patient"), ("ward", "Where"), ("plan", "Plan")].map(|(a, b)| Column::standard(a, b));
    standard.into_iter().chain([Column::further("news", "NEWS2")]).collect()
}

fn names(columns: &[&str]) -> Vec<String> {
    let columns = columns.iter().map(|one| (*one).to_owned()).collect();
    let settings = ListSettings { columns, ..ListSettings::default() };
    chosen_columns(&available(), &settings).into_iter().map(|one| one.name).collect()
}

#[test]
fn columns_keep_the_readers_order_and_unknown_names_are_ignored() {
    assert_eq!(names(&["further-news", "gone", "ward"]), [PATIENT_COLUMN, "further-news", "ward"]);
    assert_eq!(names(&[]), [PATIENT_COLUMN, "ward", "plan", "further-news"], "none chosen: all");
    assert_eq!(
        names(&["gone", "patient"]),
        [PATIENT_COLUMN, "ward", "plan", "further-news"],
        "only unknown names: all"
    );
    assert_eq!(names(&["plan", "plan"]), [PATIENT_COLUMN, "plan"], "named twice, shown once");
}

#[test]
fn a_row_without_a_value_comes_last_in_both_directions() {
    let (two, ten) = (Some(SortKey::text("J2")), Some(SortKey::text("J10")));
    let up = Order::ascending("ward");
    let down = Order { descending: true, ..up.clone() };
    assert_eq!(up.compare(&two, &ten), Ordering::Less, "numbers sort by value");
    assert_eq!(down.compare(&two, &ten), Ordering::Greater);
    assert_eq!([up.compare(&None, &two), down.compare(&None, &two)], [Ordering::Greater; 2]);
    let numbers = [9.0, 10.5].map(|one| Some(SortKey::Number(one)));
    assert_eq!(up.compare(&numbers[0], &numbers[1]), Ordering::Less);
}
