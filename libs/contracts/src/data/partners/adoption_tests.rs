//! Tests of `adoption.rs`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_model::UserId;

use super::*;

fn times(each: &[(&str, i64)]) -> BTreeMap<UserId, Timestamp> {
    each.iter().map(|(user, second)| (UserId::new(*user), Timestamp::from_second(*second).unwrap())).collect()
}

#[test]
fn the_time_to_the_first_view_is_that_of_the_middle_person() {
    let first_sign_ins = times(&[("a", 100), ("b", 100), ("c", 500), ("never looked", 0)]);
    let sign_ins = SignInCounts { eligible: 9, activated: 4, signed_in_this_month: 2, first_sign_ins };
    let first_views = times(&[("a", 160), ("b", 3700), ("c", 400), ("of another directory", 1)]);
    let adoption = Adoption::new(&sign_ins, &ViewAdoption { active: 2, first_views });
    let expected = Adoption { eligible: 9, activated: 4, active: 2, median_seconds_to_first_view: Some(60) };
    assert_eq!(adoption, expected);
    let nobody = Adoption::new(&sign_ins, &ViewAdoption::default());
    assert_eq!(nobody.median_seconds_to_first_view, None);
}
