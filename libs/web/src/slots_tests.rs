//! Tests of `slots.rs`.

use super::*;

#[test]
fn one_holder_takes_its_share_and_leaves_the_rest() {
    let slots = Slots::new(8, 2);
    let held: Vec<_> = (0..8).filter_map(|_| slots.take("one").ok()).collect();
    assert_eq!(held.len(), 2);
    assert_eq!(slots.take("one").err(), Some(SlotError::Own));
    assert!(slots.take("other").is_ok());
    drop(held);
    assert!(slots.take("one").is_ok(), "slots come back");
}

#[test]
fn there_are_never_more_than_all() {
    let slots = Slots::new(3, 2);
    let held: Vec<_> = (0..9).filter_map(|at| slots.take(at).ok()).collect();
    assert_eq!(held.len(), 3);
    assert_eq!(slots.take(9).err(), Some(SlotError::All));
}

#[test]
fn holders_that_are_gone_are_forgotten() {
    let slots = Slots::new(8, 2);
    for at in 0..1000 {
        drop(slots.take(at));
    }
    assert!(slots.taken.lock().unwrap().len() <= CLEANUP_THRESHOLD + 1);
}
