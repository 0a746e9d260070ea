//! Tests of `progress.rs`.

use super::*;

#[test]
fn the_time_left_follows_from_the_time_so_far() {
    assert_eq!(time_left(1, 100, Duration::from_secs(5)), "");
    assert_eq!(time_left(100, 400, Duration::from_mins(1)), ", about 3 min left");
    assert_eq!(time_left(390, 400, Duration::from_mins(5)), ", less than a minute left");
}

#[test]
fn each_crate_counts_once_and_its_build_script_not_at_all() {
    let mut progress = Progress { total: 2, done: HashSet::new(), shown: Instant::now() };
    progress.record(r#"{"reason":"compiler-artifact","package_id":"a#1.0","target":{"kind":["custom-build"]}}"#);
    progress.record(r#"{"reason":"build-script-executed","package_id":"a#1.0"}"#);
    assert!(progress.done.is_empty());
    progress.record(r#"{"reason":"compiler-artifact","package_id":"a#1.0","target":{"kind":["lib"]}}"#);
    progress.record(r#"{"reason":"compiler-artifact","package_id":"a#1.0","target":{"kind":["bin"]}}"#);
    assert_eq!(progress.done.len(), 1);
}
