//! Tests of `random.rs`.

use super::*;

#[test]
fn equal_arguments_give_equal_numbers_and_purposes_differ() {
    let first = SeededRng::new(7, 3, "street").next();
    assert_eq!(first, SeededRng::new(7, 3, "street").next());
    assert_ne!(first, SeededRng::new(7, 3, "family").next());
    assert_ne!(first, SeededRng::new(8, 3, "street").next());
}

#[test]
fn a_permutation_can_be_inverted() {
    let permutation = Permutation::new(9_999_991, 42, "local");
    for index in (0..900_000).step_by(997) {
        assert_eq!(permutation.index_of(permutation.at(index)), Some(index));
    }
}
