//! The MLLP listener. One task per connection answers its messages in order, each before reading the next. Limits per peer
//! keep one sender from using up all connections. The content of a frame must never be logged.

pub mod tls;

use std::{collections::HashMap, io, net::IpAddr, sync::Arc, time::Duration};

use lcr_hl7::mllp::{self, Framer};
use lcr_runtime::Stop;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use self::tls::Tls;
use crate::{domain::Sender, service::Service};

/// Open connections; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 256;
/// A connection without a frame for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);
/// A new connection must send its first bytes within this time.
const FIRST_BYTES_TIMEOUT: Duration = Duration::from_mins(1);
/// Connections from one address.
const MAX_CONNECTIONS_PER_PEER: usize = 32;
/// Connections from this machine, which may be a proxy or many test senders.
const MAX_LOOPBACK_CONNECTIONS: usize = 128;
/// After this many malformed frames in a row the connection is closed: no hospital sends those.
const MAX_MALFORMED_IN_A_ROW: u32 = 20;
/// A frame must end within this time after its start.
const FRAME_TIMEOUT: Duration = Duration::from_mins(1);
/// The sender must read its answer within this time.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Accepts connections until `stop`; then each connection finishes its current message. Without `tls` the network must
/// let in permitted senders only.
pub async fn serve(service: Service, listener: TcpListener, tls: Option<Tls>, stop: Stop) -> io::Result<()> {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut peers = PeerLimits::default();
    loop {
        let permit = tokio::select! {
            permit = slots.clone().acquire_owned() => permit.map_err(io::Error::other)?,
            () = stop.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, from)) => {
                let Some(slot) = peers.acquire(from.ip()) else {
                    tracing::warn!(alarm = "mllp-peer-full", "a peer has too many connections; one was closed");
                    continue;
                };
                let (service, tls, stop) = (service.clone(), tls.clone(), stop.clone());
                connections.spawn(async move {
                    if let Err(error) = serve_connection(service, stream, tls, stop).await {
                        tracing::debug!(kind = ?error.kind(), "an MLLP connection ended");
                    }
                    drop((permit, slot));
                });
            }
            // File descriptors ran out, or the peer has left. Wait so that this does not spin.
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Counts the connections of each address. Dropping a slot frees it, however the connection ends.
#[derive(Default)]
struct PeerLimits(HashMap<IpAddr, Arc<()>>);

impl PeerLimits {
    fn acquire(&mut self, from: IpAddr) -> Option<Arc<()>> {
        // The map itself has one reference.
        self.0.retain(|_, slot| Arc::strong_count(slot) > 1);
        let from = from.to_canonical();
        let max = if from.is_loopback() { MAX_LOOPBACK_CONNECTIONS } else { MAX_CONNECTIONS_PER_PEER };
        let slot = self.0.entry(from).or_default();
        (Arc::strong_count(slot) <= max).then(|| slot.clone())
    }
}

/// When a connection is closed. The limit is for a whole frame, so that a byte now and then does not extend it.
struct ConnectionDeadline {
    at: Instant,
    is_inside_frame: bool,
}

impl ConnectionDeadline {
    fn new(now: Instant) -> Self {
        Self { at: now + FIRST_BYTES_TIMEOUT, is_inside_frame: false }
    }

    /// Sets a new deadline if the received bytes ended or started a frame.
    fn update(&mut self, now: Instant, frame_ended: bool, is_inside_frame: bool) {
        if frame_ended || is_inside_frame != self.is_inside_frame {
            self.at = now + if is_inside_frame { FRAME_TIMEOUT } else { IDLE_TIMEOUT };
            self.is_inside_frame = is_inside_frame;
        }
    }
}

async fn serve_connection(service: Service, stream: TcpStream, tls: Option<Tls>, stop: Stop) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return answer_frames(service, stream, &Sender::Listener, stop).await };
    let accepted = tokio::select! {
        accepted = tls.accept(stream) => accepted,
        () = stop.cancelled() => return Ok(()),
    };
    let (stream, sender) = accepted.inspect_err(|_| {
        tracing::warn!(alarm = "mllp-refused", "a connection without a valid client certificate was refused");
    })?;
    answer_frames(service, stream, &sender, stop).await
}

async fn answer_frames<S: AsyncRead + AsyncWrite + Unpin>(
    service: Service,
    mut stream: S,
    sender: &Sender,
    stop: Stop,
) -> io::Result<()> {
    let mut framer = Framer::default();
    let mut buffer = vec![0; 16 << 10];
    let (mut deadline, mut malformed) = (ConnectionDeadline::new(Instant::now()), 0);
    loop {
        let read = tokio::select! {
            read = timeout_at(deadline.at, stream.read(&mut buffer)) => read,
            () = stop.cancelled() => break,
        };
        let read = match read {
            Ok(Ok(read)) if read > 0 => read,
            // Closed, broken or timed out. The rest of a frame is stored below.
            _ => break,
        };
        let frames = framer.push(buffer.get(..read).unwrap_or_default());
        let frame_ended = !frames.is_empty();
        for frame in frames {
            let replies = service.ingest_frame(frame, sender).await;
            malformed = if replies.is_empty() { malformed + 1 } else { 0 };
            if malformed == MAX_MALFORMED_IN_A_ROW {
                tracing::warn!(alarm = "mllp-spoilt", "a connection that sends only malformed frames was closed");
                return Ok(());
            }
            for reply in replies {
                timeout(WRITE_TIMEOUT, mllp::write_frame(&mut stream, &reply.bytes)).await??;
            }
        }
        // Taken after processing, because our own work must not count against the sender.
        deadline.update(Instant::now(), frame_ended, framer.is_inside_frame());
    }
    if let Some(rest) = framer.finish() {
        service.ingest_frame(rest, sender).await;
    }
    Ok(())
}

#[cfg(test)]
#[path = "mllp_tests.rs"]
mod tests;
