//! One file a command. Each returns words for people when it cannot do what it was asked.

pub mod audit;
pub mod doctor;
pub mod feeds;
mod rest;
pub mod send;
pub mod token;
pub mod up;

/// The ports move together: this is the highest gateway port that leaves room for all.
pub const HIGHEST_PORT: u16 = 64_000;

/// A gateway port that leaves room for the ports above and below it.
pub fn port(text: &str) -> Result<u16, String> {
    let port: u16 = text.parse().map_err(|_| "not a port number".to_owned())?;
    let fits = (5506..=HIGHEST_PORT).contains(&port);
    fits.then_some(port)
        .ok_or_else(|| format!("choose a port from 5506 to {HIGHEST_PORT}: others move with it"))
}
