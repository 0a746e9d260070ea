//! A load balancer in place of a cluster's Service: each new connection goes to the next replica that accepts it. It must
//! never read what it carries.

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

/// A running balancer. Dropping it ends it.
#[derive(Debug)]
pub struct Balancer(JoinHandle<()>);

impl Balancer {
    pub async fn start(port: u16, replica_ports: Vec<u16>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("a free port");
        let next = Arc::new(AtomicUsize::new(0));
        Self(tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (replica_ports, next) = (replica_ports.clone(), next.clone());
                tokio::spawn(async move {
                    let first = next.fetch_add(1, Ordering::Relaxed);
                    for at in 0..replica_ports.len() {
                        let port = replica_ports[(first + at) % replica_ports.len()];
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
