//! The MLLP listener: one task a connection, messages of a connection in order, each answered before the next is
//! looked at. A bad frame closes nobody's connection; many in a row do. No peer takes the room of the others. What
//! is in a frame is never logged.

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

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS: usize = 256;
/// A connection that sends no frame for so long is closed.
const IDLE: Duration = Duration::from_mins(5);
/// A connection on which nothing was ever said.
const SILENT: Duration = Duration::from_mins(1);
/// Of them from one address; this machine's own may be a proxy or many test senders.
const FROM_ONE_PEER: usize = 32;
const FROM_HERE: usize = 128;
/// So many spoilt frames one after the other are no hospital talking.
const SPOILT_IN_A_ROW: u32 = 20;
/// A frame that has begun must end within this.
const WITHIN_A_FRAME: Duration = Duration::from_mins(1);
/// A sender that does not take its answer.
const WRITE: Duration = Duration::from_secs(10);

/// Accepts until `stop`; then each connection finishes the message in hand. Without `tls` the network lets in only
/// those who may send.
pub async fn serve(service: Service, listener: TcpListener, tls: Option<Tls>, stop: Stop) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut peers = Peers::default();
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
            Ok((stream, from)) => {
                let Some(place) = peers.place(from.ip()) else {
                    tracing::warn!(
                        alarm = "mllp-peer-full",
                        "a peer has too many connections; one was closed"
                    );
                    continue;
                };
                let (service, tls, stop) = (service.clone(), tls.clone(), stop.clone());
                connections.spawn(async move {
                    if let Err(error) = answer(service, stream, tls, stop).await {
                        tracing::debug!(kind = ?error.kind(), "an MLLP connection ended");
                    }
                    drop((permit, place));
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

/// How many connections each address holds. A place is given back by dropping it, whatever ends the connection.
#[derive(Default)]
struct Peers(HashMap<IpAddr, Arc<()>>);

impl Peers {
    fn place(&mut self, from: IpAddr) -> Option<Arc<()>> {
        // One is ours.
        self.0.retain(|_, held| Arc::strong_count(held) > 1);
        let from = from.to_canonical();
        let most = if from.is_loopback() { FROM_HERE } else { FROM_ONE_PEER };
        let held = self.0.entry(from).or_default();
        (Arc::strong_count(held) <= most).then(|| held.clone())
    }
}

/// When a connection is given up: a frame has a time to end in, not each of its bytes.
struct Patience {
    until: Instant,
    inside: bool,
}

impl Patience {
    fn new(now: Instant) -> Self {
        Self { until: now + SILENT, inside: false }
    }

    /// After bytes came. `frames`: something ended with them; `inside`: a frame is open now.
    fn heard(&mut self, now: Instant, frames: bool, inside: bool) {
        if frames || inside != self.inside {
            self.until = now + if inside { WITHIN_A_FRAME } else { IDLE };
            self.inside = inside;
        }
    }
}

async fn answer(service: Service, stream: TcpStream, tls: Option<Tls>, stop: Stop) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return converse(service, stream, &Sender::Listener, stop).await };
    let accepted = tokio::select! {
        accepted = tls.accept(stream) => accepted,
        () = stop.cancelled() => return Ok(()),
    };
    let (stream, sender) = accepted.inspect_err(|_| {
        tracing::warn!(alarm = "mllp-refused", "a connection without a certificate of ours was refused");
    })?;
    converse(service, stream, &sender, stop).await
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    service: Service,
    mut stream: S,
    sender: &Sender,
    stop: Stop,
) -> io::Result<()> {
    let mut framer = Framer::default();
    let mut buffer = vec![0; 16 << 10];
    let (mut patience, mut spoilt) = (Patience::new(Instant::now()), 0);
    loop {
        let read = tokio::select! {
            read = timeout_at(patience.until, stream.read(&mut buffer)) => read,
            () = stop.cancelled() => break,
        };
        let read = match read {
            Ok(Ok(read)) if read > 0 => read,
            // Closed, broken or silent for too long: what is left of a frame is kept.
            _ => break,
        };
        let frames = framer.take(buffer.get(..read).unwrap_or_default());
        let ended = !frames.is_empty();
        for frame in frames {
            let answers = service.frame(frame, sender).await;
            spoilt = if answers.is_empty() { spoilt + 1 } else { 0 };
            if spoilt == SPOILT_IN_A_ROW {
                tracing::warn!(
                    alarm = "mllp-spoilt",
                    "a connection that sends only spoilt frames was closed"
                );
                return Ok(());
            }
            for answer in answers {
                timeout(WRITE, mllp::write(&mut stream, &answer.bytes)).await??;
            }
        }
        // After our own work, which is no fault of the sender's.
        patience.heard(Instant::now(), ended, framer.inside());
    }
    if let Some(rest) = framer.end() {
        service.frame(rest, sender).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_now_and_then_does_not_hold_a_frame_open() {
        let start = Instant::now();
        let mut patience = Patience::new(start);
        patience.heard(start, false, true);
        for seconds in [20, 40, 59] {
            patience.heard(start + Duration::from_secs(seconds), false, true);
            assert_eq!(patience.until, start + WITHIN_A_FRAME);
        }
        let next = start + Duration::from_secs(59);
        patience.heard(next, true, true);
        assert_eq!(patience.until, next + WITHIN_A_FRAME, "the next frame has its own time");
        patience.heard(next, true, false);
        patience.heard(next + Duration::from_secs(9), false, false);
        assert_eq!(patience.until, next + IDLE, "bytes between frames are none");
    }

    #[test]
    fn a_connection_on_which_nothing_is_said_is_not_kept() {
        let start = Instant::now();
        let mut patience = Patience::new(start);
        assert_eq!(patience.until, start + SILENT);
        patience.heard(start, true, false);
        assert_eq!(patience.until, start + IDLE, "one that said something is waited for");
    }

    #[test]
    fn a_peer_has_so_many_places_and_gets_them_back() {
        let mut peers = Peers::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut held: Vec<_> = (0..FROM_ONE_PEER).filter_map(|_| peers.place(one)).collect();
        assert_eq!(held.len(), FROM_ONE_PEER);
        assert!(peers.place(one).is_none() && peers.place(other).is_some());
        held.pop();
        assert!(peers.place(one).is_some());
        held.clear();
        drop(peers.place(other));
        assert_eq!(peers.0.len(), 1, "who is gone is forgotten");
    }
}
