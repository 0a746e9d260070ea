//! Asks a container over plain HTTP. It must never follow, retry or trust anything: whoever asks decides.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Status and everything that was said; none when nobody answers.
pub fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut said = Vec::new();
    stream.read_to_end(&mut said).ok()?;
    let said = String::from_utf8_lossy(&said).into_owned();
    let status = said.split(' ').nth(1)?.parse().ok()?;
    Some((status, said))
}

/// Waits until `path` is answered with `status`; how long that took, or what was said last.
pub fn until(port: u16, path: &str, status: u16, within: Duration) -> Result<Duration, String> {
    let started = Instant::now();
    loop {
        let answer = get(port, path);
        match answer {
            Some((said, _)) if said == status => return Ok(started.elapsed()),
            _ if started.elapsed() > within => return Err(format!("{path} is not {status}: {answer:?}")),
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
