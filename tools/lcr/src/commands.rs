//! The commands, one file each. A command that fails returns an error text for the person at the terminal.

mod api_client;
pub mod audit;
pub mod consent;
pub mod doctor;
pub mod feeds;
pub mod partner;
pub mod send;
pub mod token;
pub mod up;

/// The highest gateway port: all other ports are at a fixed distance from it.
pub const MAX_PORT: u16 = 64_000;

/// Parses a gateway port that leaves room for the other ports above and below it.
pub fn parse_port(text: &str) -> Result<u16, String> {
    let port: u16 = text.parse().map_err(|_| "not a port number".to_owned())?;
    let fits = (5506..=MAX_PORT).contains(&port);
    fits.then_some(port).ok_or_else(|| format!("choose a port from 5506 to {MAX_PORT}: others move with it"))
}
