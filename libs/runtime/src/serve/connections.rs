//! Limits the connections of a process, in all and per peer, by the files it may open. A peer above its limit is closed
//! at once. File descriptors that the process itself needs (stores, the bus, the admin port) must stay free.

use std::net::{IpAddr, Ipv6Addr};

use lcr_web::slots::{Slot, SlotError, Slots};

/// The most connections, however many files the process may open.
const MAX_CONNECTIONS: usize = 4096;
/// The lowest limit.
const MIN_CONNECTIONS: usize = 64;
/// One peer may hold this fraction of all connections.
const PEER_SHARE: usize = 4;
/// Connections to the admin port.
const MAX_ADMIN_CONNECTIONS: usize = 32;

/// Slots for connections.
#[derive(Debug)]
pub struct Connections(Slots<IpAddr>);

impl Connections {
    pub fn new(all: usize, per_peer: usize) -> Self {
        Self(Slots::new(all, per_peer))
    }

    /// Half of the files this process may open. The other half is for stores, the bus, sources, and what each connection
    /// opens in turn.
    pub fn of_this_process(per_peer: Option<usize>) -> Self {
        Self::for_files(raise_file_limit(), per_peer)
    }

    fn for_files(files: u64, per_peer: Option<usize>) -> Self {
        let all = usize::try_from(files / 2).unwrap_or(MAX_CONNECTIONS).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS);
        Self::new(all, per_peer.unwrap_or(all / PEER_SHARE).min(all))
    }

    /// For the admin port, which answers even when all other slots are taken.
    pub fn of_admin() -> Self {
        Self::new(MAX_ADMIN_CONNECTIONS, MAX_ADMIN_CONNECTIONS / 2)
    }

    /// Takes a slot for a connection from this peer. Fails with [`SlotError`] if there is none.
    pub fn place(&self, from: IpAddr) -> Result<Slot, SlotError> {
        self.0.take(peer(from))
    }
}

/// The peer that counts: an IPv6 address counts as its whole /64 network.
fn peer(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Raises the limit of open files as far as allowed. Returns the new limit.
fn raise_file_limit() -> u64 {
    const WANTED: u64 = 65_536;
    let raised = rlimit::increase_nofile_limit(WANTED);
    raised.or_else(|_| rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(soft, _)| soft)).unwrap_or(1024)
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
