//! A kept HTTP/1.1 connection that costs this process little, so that a measurement is of the server, and what several of
//! them get at once. It must never retry.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
};

use super::traffic::percentile;

/// A request that is sent again and again to a server on this machine.
#[derive(Clone)]
pub struct Question {
    port: u16,
    bytes: Vec<u8>,
}

impl Question {
    pub fn get(port: u16, path: &str, token: Option<&str>) -> Self {
        Self { port, bytes: format!("GET {}\r\n", head(port, path, token)).into_bytes() }
    }

    pub fn post(port: u16, path: &str, token: Option<&str>, body: &Value) -> Self {
        let (head, body) = (head(port, path, token), body.to_string());
        let length = body.len();
        let kind = "content-type: application/json";
        Self { port, bytes: format!("POST {head}{kind}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes() }
    }
}

/// The head of a request without its method and its empty line.
fn head(port: u16, path: &str, token: Option<&str>) -> String {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("{path} HTTP/1.1\r\nhost: localhost:{port}\r\naccept: */*\r\n{token}")
}

/// A connection that is opened for the first request, and again only after the server has ended it.
#[derive(Default)]
pub struct Connection {
    open: Option<BufReader<TcpStream>>,
    body: Vec<u8>,
}

impl Connection {
    /// Sends the request and reads the whole answer, which must be 200. Returns the time that it took.
    pub async fn ask(&mut self, question: &Question) -> Duration {
        let asked = Instant::now();
        let mut stream = match self.open.take() {
            Some(open) => open,
            None => connect(question.port).await,
        };
        stream.get_mut().write_all(&question.bytes).await.unwrap();
        let head = read_head(&mut stream).await;
        let is_kept = read_body(&mut stream, &head, &mut self.body).await && !head.closes;
        let took = asked.elapsed();
        assert_eq!(head.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.open = is_kept.then_some(stream);
        took
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

async fn connect(port: u16) -> BufReader<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::with_capacity(64 << 10, stream)
}

#[derive(Default)]
struct Head {
    status: u16,
    length: Option<usize>,
    is_chunked: bool,
    closes: bool,
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> Head {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut head = Head { status: status.expect("the first line of an answer"), ..Head::default() };
    loop {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { return head };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = value.parse().ok(),
            "transfer-encoding" => head.is_chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => head.closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
}

/// Reads a body to its end. Returns whether the connection can carry another answer.
async fn read_body(stream: &mut BufReader<TcpStream>, head: &Head, body: &mut Vec<u8>) -> bool {
    body.clear();
    if head.is_chunked {
        let mut line = String::new();
        loop {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            let size = usize::from_str_radix(line.trim_end(), 16).expect("the size of a chunk");
            read_bytes(stream, size, body).await;
            stream.read_line(&mut line).await.unwrap();
            if size == 0 {
                return true;
            }
        }
    }
    if let Some(length) = head.length {
        read_bytes(stream, length, body).await;
        return true;
    }
    stream.read_to_end(body).await.unwrap();
    false
}

async fn read_bytes(stream: &mut BufReader<TcpStream>, size: usize, body: &mut Vec<u8>) {
    let start = body.len();
    body.resize(start + size, 0);
    stream.read_exact(&mut body[start..]).await.unwrap();
}

/// What several askers get at once.
pub struct Answers {
    pub count: f64,
    /// Answers per second.
    pub rate: f64,
    /// In milliseconds.
    pub p50: f64,
    pub p99: f64,
}

/// Lets several askers send the request over a kept connection each, the next as soon as the answer is here.
pub async fn ask_at_once(question: &Question, askers: usize, lasts: Duration) -> Answers {
    let (started, mut tasks) = (Instant::now(), JoinSet::new());
    for _ in 0..askers {
        let question = question.clone();
        tasks.spawn(async move {
            let (mut connection, mut times) = (Connection::default(), vec![]);
            while started.elapsed() < lasts {
                times.push(connection.ask(&question).await);
            }
            times
        });
    }
    let mut times = tasks.join_all().await.concat();
    let count = times.len() as f64;
    let rate = count / started.elapsed().as_secs_f64();
    Answers { count, rate, p50: percentile(&mut times, 50), p99: percentile(&mut times, 99) }
}
