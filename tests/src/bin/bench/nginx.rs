//! An nginx with one worker that passes requests on, to compare the gateway's proxy with. It must never read or change the
//! configuration of the machine's own nginx.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use lcr_testkit::{Folder, eventually, servers::free_port};
use tokio::net::TcpStream;

const PROGRAM: &str = "/usr/sbin/nginx";

/// A running nginx. Dropping it ends it.
pub struct Nginx {
    process: Child,
    /// The port that it listens on for each upstream, in their order.
    pub ports: Vec<u16>,
    _folder: Folder,
}

/// The program, if it is installed.
pub fn program() -> Option<PathBuf> {
    Some(PathBuf::from(PROGRAM)).filter(|program| program.is_file())
}

impl Nginx {
    /// Starts it in a temporary folder, with a port of its own for each port behind it.
    pub async fn start(program: &Path, upstreams: &[u16]) -> Self {
        let folder = Folder::new("bench-nginx").unwrap();
        let ports: Vec<u16> = upstreams.iter().map(|_| free_port()).collect();
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(folder.path(), &ports, upstreams)).unwrap();
        let mut command = Command::new(program);
        command.arg("-e").arg(folder.path().join("error.log")).arg("-p").arg(folder.path()).arg("-c").arg(&file);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
        let nginx = Self { process, ports, _folder: folder };
        for port in &nginx.ports {
            eventually(Duration::from_secs(10), "nginx listens", async || {
                TcpStream::connect(("127.0.0.1", *port)).await.is_ok()
            })
            .await;
        }
        nginx
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The whole configuration. Without a master process, the process that was started is the one worker.
fn configuration(folder: &Path, ports: &[u16], upstreams: &[u16]) -> String {
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|of| format!("    {of}_temp_path {folder}/{of};\n")).concat();
    let servers: String = ports.iter().zip(upstreams).map(|(port, upstream)| server(*port, *upstream)).collect();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nevents {{ worker_connections 512; }}\n\
         http {{\n{temporary}    access_log off;\n    keepalive_requests 1000000000;\n{servers}}}\n"
    )
}

/// Passes everything on over kept connections, as the gateway does.
fn server(port: u16, upstream: u16) -> String {
    format!(
        "    upstream port{upstream} {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}\n    \
         server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://port{upstream}; proxy_http_version 1.1; \
         proxy_set_header Connection \"\"; proxy_set_header Host localhost; proxy_max_temp_file_size 0; }} }}\n"
    )
}
