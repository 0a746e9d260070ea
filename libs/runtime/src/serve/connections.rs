//! How many connections a process holds, in all and for one peer, and how many files it may open. Nobody takes the room
//! of the others: who has too many is closed at once. It must never count what the process itself needs, which is kept
//! free: stores, the bus, the admin port.

use std::net::{IpAddr, Ipv6Addr};

use lcr_web::places::{Full, Place, Places};

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
pub struct Connections(Places<IpAddr>);

impl Connections {
    pub fn new(all: usize, per_peer: usize) -> Self {
        Self(Places::new(all, per_peer))
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
        Self::new(ADMIN, ADMIN / 2)
    }

    /// A place for a connection from this peer.
    ///
    /// # Errors
    /// [`Full`], where there is none.
    pub fn place(&self, from: IpAddr) -> Result<Place, Full> {
        self.0.take(peer(from))
    }
}

/// Who a connection comes from: of IPv6, whoever has one address has all of its network.
fn peer(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
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

    #[test]
    fn a_peer_is_the_same_by_its_other_name() {
        let connections = Connections::new(8, 1);
        let _held = connections.place(IpAddr::from([10, 0, 0, 1])).unwrap();
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(connections.place(mapped).err(), Some(Full::Own));
        let of = |text: &str| connections.place(text.parse().unwrap());
        let _other = of("2001:db8:0:1::1").unwrap();
        assert_eq!(of("2001:db8:0:1:ffff::2").err(), Some(Full::Own), "one network");
        assert!(of("2001:db8:0:2::1").is_ok());
    }

    #[test]
    fn files_decide_how_many_there_may_be() {
        for (files, all) in [(256, 128), (1024, 512), (1 << 20, MOST), (10, FEWEST)] {
            let connections = Connections::for_files(files, None);
            assert_eq!((connections.0.free(), connections.0.share()), (all, all / 4), "{files}");
        }
    }
}
