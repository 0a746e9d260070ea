//! A minimal Kubernetes API for an idle operator: no `PartnerSystem` and no lease. It must stay minimal, because
//! `services/operator/tests/cluster.rs` tests the operator with a real API.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use lcr_testkit::Folder;

const NONE: &str = r#"{"apiVersion":"leedscarerecord.uk/v1","kind":"PartnerSystemList","metadata":{"resourceVersion":"1"},"items":[]}"#;
const NOT_FOUND: &str = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"not found","reason":"NotFound","code":404}"#;
/// The duration of a watch without events, longer than any test.
const WATCH_DURATION: Duration = Duration::from_mins(10);

/// A fake API that answers until the test's process ends.
#[derive(Debug)]
pub struct FakeKubeApi {
    port: u16,
    folder: Folder,
}

impl FakeKubeApi {
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(&stream));
            }
        });
        Ok(Self { port, folder: Folder::new("kubeconfig")? })
    }

    /// Writes a kubeconfig and returns its folder, which a container mounts at `mount`. It names a certificate authority,
    /// because the client does not start without one and the image has none.
    pub fn write_kubeconfig(&self, mount: &str) -> Result<&Path, Box<dyn Error>> {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
             clusters: [{{name: here, cluster: {{server: 'http://127.0.0.1:{}', certificate-authority: {mount}/ca.crt}}}}]\n\
             users: [{{name: me, user: {{}}}}]\n\
             contexts: [{{name: here, context: {{cluster: here, user: me}}}}]\n",
            self.port
        );
        fs::write(self.folder.path().join("config"), text)?;
        let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let authority = STANDARD.encode(authority.cert.der());
        let authority = format!("-----BEGIN CERTIFICATE-----\n{authority}\n-----END CERTIFICATE-----\n");
        fs::write(self.folder.path().join("ca.crt"), authority)?;
        Ok(self.folder.path())
    }
}

/// Answers requests until the client closes the connection.
fn serve(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (line, body) = read_request(&mut reader)?;
        let systems = line.starts_with("GET /apis/leedscarerecord.uk/v1/partnersystems");
        if systems && line.contains("watch=") {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            (&mut &*stream).write_all(head.as_bytes()).ok()?;
            thread::sleep(WATCH_DURATION);
            return None;
        }
        match line.split(' ').next()? {
            _ if systems => write_response(stream, "200 OK", NONE.as_bytes())?,
            // Every lease is granted.
            "POST" | "PUT" | "PATCH" => write_response(stream, "200 OK", &body)?,
            _ => write_response(stream, "404 Not Found", NOT_FOUND.as_bytes())?,
        }
    }
}

/// Reads a request's first line and body.
fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((line, body))
}

fn write_response(mut stream: &TcpStream, status: &str, body: &[u8]) -> Option<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}
