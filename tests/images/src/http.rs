//! A plain HTTP client for containers. It must never follow a redirect or retry.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The status and the whole answer; `None` without an answer.
pub fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, REQUEST_TIMEOUT).ok()?;
    stream.set_read_timeout(Some(REQUEST_TIMEOUT)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).ok()?;
    let response = String::from_utf8_lossy(&response).into_owned();
    let status = response.split(' ').nth(1)?.parse().ok()?;
    Some((status, response))
}

/// Waits until `path` is answered with `status`. Returns how long that took; the error has the last answer.
pub fn wait_for_status(port: u16, path: &str, status: u16, within: Duration) -> Result<Duration, String> {
    let started = Instant::now();
    loop {
        let answer = get(port, path);
        match answer {
            Some((response, _)) if response == status => return Ok(started.elapsed()),
            _ if started.elapsed() > within => return Err(format!("{path} is not {status}: {answer:?}")),
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
