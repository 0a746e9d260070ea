//! The matrix of roles, relationships and datasets, and the acts that each role may do. `tests/golden/access-matrix.txt` holds
//! all of it.

use lcr_consent::domain::policies::matrix::shipped_matrix;

#[test]
fn the_matrix_of_roles_and_datasets_is_the_agreed_one() {
    lcr_testkit::golden::compare("access-matrix.txt", &shipped_matrix().unwrap()).unwrap();
}
