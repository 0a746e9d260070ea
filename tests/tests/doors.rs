//! smoke
#![allow(clippy::unwrap_used, reason = "tests")]
use lcr_tests::Platform;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn smoke() {
    let t = Instant::now();
    let platform = Platform::loaded().await;
    println!("loaded {:?}", t.elapsed());
    let gp = platform.actor("gp").await;
    let fredrica = gp.find("9434765919").await;
    let record = gp.record(&fredrica).await;
    println!("{} {:?} {:?}", record.status, record.took, lcr_tests::views::datasets(&record.json()));
    println!("{}", serde_json::to_string_pretty(&record.json()).unwrap().chars().take(3000).collect::<String>());
    let po = platform.actor("privacy-officer").await;
    println!("{:?}", po.entries().await);
    let b = platform.browser("gp").await;
    println!("{:?}", b.get(&format!("/people/{fredrica}")).await.status);
    println!("{:?}", t.elapsed());
}
