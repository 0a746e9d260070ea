//! How many connections a process holds, in all and for one peer, and how many files it may open. Nobody takes the room
//! of the others: who has too many is closed at once. It must never count what the process itself needs, which is kept
//! free: stores, the bus, the admin port.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most connections a process holds, however many files it may open.
const MOST: usize = 4096;
/// The fewest it is content with.
const FEWEST: usize = 64;
/// Of all connections, one peer may hold one in so many.
const SHARE_OF_ONE_PEER: usize = 4;
/// Connections to the admin port, from anybody.
const ADMIN: usize = 32;

/// Places for connections.
#[derive(Debug)]
pub struct Connections {
    all: Arc<Semaphore>,
    per_peer: usize,
    held: Mutex<HashMap<IpAddr, Arc<()>>>,
}

/// The place of one connection, given back by dropping it.
#[derive(Debug)]
pub struct Place {
    _all: OwnedSemaphorePermit,
    _peer: Arc<()>,
}

/// Why a connection has no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The process holds all it can.
    Process,
    /// This peer holds all that one may.
    Peer,
}

impl Connections {
    pub fn new(all: usize, per_peer: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), per_peer, held: Mutex::default() }
    }

    /// As many as the files this process may open leave room for: half of them, the other half being for stores, the
    /// bus, sources and what each connection opens in turn.
    pub fn of_this_process(per_peer: Option<usize>) -> Self {
        Self::for_files(raise_file_limit(), per_peer)
    }

    fn for_files(files: u64, per_peer: Option<usize>) -> Self {
        let all = usize::try_from(files / 2).unwrap_or(MOST).clamp(FEWEST, MOST);
        Self::new(all, per_peer.unwrap_or(all / SHARE_OF_ONE_PEER).min(all))
    }

    /// For the admin port, which answers while all other places are taken.
    pub fn of_admin() -> Self {
        Self::new(ADMIN, ADMIN)
    }

    /// A place for a connection from this peer.
    ///
    /// # Errors
    /// [`Full`], where there is none.
    pub fn place(&self, from: IpAddr) -> Result<Place, Full> {
        let all = self.all.clone().try_acquire_owned().map_err(|_| Full::Process)?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // One is ours. Who is gone is forgotten when the list has grown, so that each connection costs the same.
        if held.len() > self.all.available_permits().max(FEWEST) {
            held.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = held.entry(from.to_canonical()).or_default();
        if Arc::strong_count(places) > self.per_peer {
            return Err(Full::Peer);
        }
        Ok(Place { _all: all, _peer: places.clone() })
    }
}

/// Raises the limit of open files as far as the system lets this process, and returns what it is now.
fn raise_file_limit() -> u64 {
    const WANTED: u64 = 65_536;
    let raised = rlimit::increase_nofile_limit(WANTED);
    raised.or_else(|_| rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(soft, _)| soft)).unwrap_or(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn one_peer_takes_its_share_and_leaves_the_rest() {
        let connections = Connections::new(8, 2);
        let held: Vec<_> = (0..8).filter_map(|_| connections.place(peer(1)).ok()).collect();
        assert_eq!(held.len(), 2);
        assert_eq!(connections.place(peer(1)).err(), Some(Full::Peer));
        assert!(connections.place(peer(2)).is_ok());
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(connections.place(mapped).err(), Some(Full::Peer), "the same peer by its other name");
        drop(held);
        assert!(connections.place(peer(1)).is_ok(), "places come back");
    }

    #[test]
    fn the_process_never_holds_more_than_it_has_room_for() {
        let connections = Connections::new(3, 2);
        let held: Vec<_> = (0..9).filter_map(|at| connections.place(peer(at)).ok()).collect();
        assert_eq!(held.len(), 3);
        assert_eq!(connections.place(peer(9)).err(), Some(Full::Process));
    }

    #[test]
    fn peers_that_are_gone_are_forgotten() {
        let connections = Connections::new(FEWEST, 2);
        for at in 0..1000_u32 {
            drop(connections.place(IpAddr::from(at.to_be_bytes())));
        }
        assert!(connections.held.lock().unwrap().len() <= FEWEST + 1);
    }

    #[test]
    fn files_decide_how_many_there_may_be() {
        for (files, all) in [(256, 128), (1024, 512), (1 << 20, MOST), (10, FEWEST)] {
            let connections = Connections::for_files(files, None);
            assert_eq!(connections.all.available_permits(), all, "{files}");
            assert_eq!(connections.per_peer, all / 4);
        }
    }
}
