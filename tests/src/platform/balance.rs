//! A balancer where a cluster's Service would be: each new connection goes to the next replica that takes it. It knows
//! nothing of what it carries.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A running balancer; it ends when this goes.
#[derive(Debug)]
pub struct Balancer(JoinHandle<()>);

impl Balancer {
    pub async fn start(port: u16, behind: Vec<u16>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("a free port");
        let next = Arc::new(AtomicUsize::new(0));
        Self(tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (behind, next) = (behind.clone(), next.clone());
                tokio::spawn(async move {
                    let first = next.fetch_add(1, Ordering::Relaxed);
                    for at in 0..behind.len() {
                        let port = behind[(first + at) % behind.len()];
                        if let Ok(mut replica) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                            let _ = copy_bidirectional(&mut client, &mut replica).await;
                            return;
                        }
                    }
                });
            }
        }))
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.0.abort();
    }
}
