//! The MLLP listener: one task a connection, messages of a connection in order, each answered before the next is
//! looked at. A bad frame closes nobody's connection. What is in a frame is never logged.

use std::{io, sync::Arc, time::Duration};

use lcr_hl7::mllp::{self, Framer};
use lcr_runtime::Stop;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};

use crate::service::Service;

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS: usize = 256;
/// A connection that says nothing for so long is closed.
const IDLE: Duration = Duration::from_mins(5);
/// A frame that has begun must go on within this.
const WITHIN_A_FRAME: Duration = Duration::from_mins(1);
/// A sender that does not take its answer.
const WRITE: Duration = Duration::from_secs(10);

/// Accepts until `stop`; then each connection finishes the message in hand.
pub async fn serve(service: Service, listener: TcpListener, stop: Stop) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            permit = room.clone().acquire_owned() => permit.map_err(io::Error::other)?,
            () = stop.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let (service, stop) = (service.clone(), stop.clone());
                connections.spawn(async move {
                    if let Err(error) = converse(service, stream, stop).await {
                        tracing::debug!(kind = ?error.kind(), "an MLLP connection ended");
                    }
                    drop(permit);
                });
            }
            // Out of files, or the peer was gone already: others go on.
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    while connections.join_next().await.is_some() {}
    Ok(())
}

async fn converse(service: Service, mut stream: TcpStream, stop: Stop) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut framer = Framer::default();
    let mut buffer = vec![0; 16 << 10];
    loop {
        let patience = if framer.inside() { WITHIN_A_FRAME } else { IDLE };
        let read = tokio::select! {
            read = timeout(patience, stream.read(&mut buffer)) => read,
            () = stop.cancelled() => break,
        };
        let read = match read {
            Ok(Ok(read)) if read > 0 => read,
            // Closed, broken or silent for too long: what is left of a frame is kept.
            _ => break,
        };
        for frame in framer.take(buffer.get(..read).unwrap_or_default()) {
            if let Some(answer) = service.frame(frame).await {
                timeout(WRITE, mllp::write(&mut stream, &answer.bytes)).await??;
            }
        }
    }
    if let Some(rest) = framer.end() {
        service.frame(rest).await;
    }
    Ok(())
}
