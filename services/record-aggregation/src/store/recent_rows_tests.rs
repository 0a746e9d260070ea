//! Tests of `recent_rows.rs`.

use std::convert::Infallible;

use super::*;

fn read(number: u8) -> std::future::Ready<Result<Vec<u8>, Infallible>> {
    std::future::ready(Ok(vec![number]))
}

async fn get(rows: &RecentRows<u8>, number: u8) -> u8 {
    rows.get_or_read(read(number)).await.unwrap()[0]
}

#[tokio::test]
async fn rows_are_read_once_until_this_process_changes_them() {
    let rows = RecentRows::default();
    assert_eq!((get(&rows, 1).await, get(&rows, 2).await), (1, 1));
    rows.clear();
    assert_eq!((get(&rows, 3).await, get(&rows, 4).await), (3, 3));
    let later = Instant::now() + MAX_AGE;
    assert!(rows.recent(later).is_none(), "after a second they are read again");
}

#[tokio::test]
async fn a_reading_that_began_before_a_change_is_not_kept() {
    let rows = RecentRows::default();
    let before = rows.get_or_read(async {
        rows.clear();
        read(1).await
    });
    assert_eq!(before.await.unwrap()[0], 1);
    assert_eq!(get(&rows, 2).await, 2);
}

#[tokio::test]
async fn a_reading_that_fails_is_not_kept() {
    let rows = RecentRows::default();
    assert!(rows.get_or_read(async { Err("away") }).await.is_err());
    assert_eq!(get(&rows, 1).await, 1);
}
