//! A database whose machine is gone does not answer. Callers must get an error within seconds, and the writer must
//! recover when the database returns.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lcr_contracts::{
    Failure, FailureKind,
    events::{SessionEnded, Stream},
};
use lcr_model::SessionId;
use lcr_store::{Durability, Location, NoTables, Store, migrate};
use lcr_testkit::servers::Postgres;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A proxy that can hold back every byte. Connections made before then never get an answer.
async fn between(to: String) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, (tell, silent)) = (listener.local_addr().unwrap().port(), watch::channel(false));
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (to, mut silent) = (to.clone(), silent.clone());
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                    _ = silent.wait_for(|silent| *silent) => {}
                }
                std::future::pending::<()>().await;
            });
        }
    });
    (port, tell)
}

async fn tell(store: &Store) -> Result<(), Failure> {
    let ended = SessionEnded { session: SessionId::new(), at: Timestamp::UNIX_EPOCH };
    let write = store.write(async move |tx| Store::publish(&tx, Timestamp::UNIX_EPOCH, &[ended]).await);
    Ok(write.await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_answering_blocks_no_caller_for_ever() {
    let url = Postgres::shared().database();
    let direct = Location::parse(&url, "tests").unwrap();
    migrate::run::<NoTables>(&direct, &direct).await.unwrap();
    let server = url.split('@').nth(1).unwrap().split('/').next().unwrap();
    let (port, silence) = between(server.to_owned()).await;
    let through = Location::parse(&url.replace(server, &format!("127.0.0.1:{port}")), "tests").unwrap();
    let store = Store::open::<NoTables>(through, "tests", Durability::Acknowledged).await.unwrap();
    tell(&store).await.unwrap();
    silence.send_replace(true);
    let started = Instant::now();
    assert!(store.outbox().newest().await.is_err(), "readers get an error too");
    assert_eq!(tell(&store).await.unwrap_err().kind, FailureKind::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(25), "an error after {:?}", started.elapsed());
    assert!(store.ready().await.is_err(), "and not ready meanwhile");
    silence.send_replace(false);
    while tell(&store).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(50), "it does not go on");
    }
    let within = started.elapsed();
    println!("it goes on after {within:?}");
    let rows = store.outbox().after(Stream::Identity, 0, 10).await.unwrap();
    assert_eq!(rows.len(), 2, "kept is what was acknowledged");
}
