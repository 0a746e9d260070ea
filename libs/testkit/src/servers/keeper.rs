//! Runs one server process and ensures that it ends with the test: a shell holds one end of a pipe, and when the test
//! ends, even by a signal, the shell stops the server and removes its folder. Neither may ever remain.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// `$1` the folder, `$2` the signal that stops the server, the rest its command. Reading a line kills the server and its
/// children at once, as a power cut would, and waits until they are gone (`PostgreSQL` does not start beside its own
/// dying process). The end of the pipe means that the test is over.
const SHELL: &str = r#"
folder=$1 signal=$2; shift 2
"$@" >>"$folder.log" 2>&1 </dev/null & server=$!
echo $server
if read -r _; then
  kill -STOP $server; children=$(pgrep -P $server); pkill -KILL -P $server; kill -KILL $server
  while kill -0 $server; do wait $server; done
  for child in $children; do
    tries=0; while kill -0 $child && [ $tries -lt 300 ]; do sleep 0.01; tries=$((tries + 1)); done
  done
  exit
fi
kill -$signal $server; wait $server
rm -rf "$folder" "$folder.log"
"#;

/// A server's process, its folder and its command.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    signal: &'static str,
    command: Vec<OsString>,
    /// The shell, and the server process that it runs.
    shell: Mutex<Option<(Child, u32)>>,
}

impl Keeper {
    /// Starts `command`. At the end of the test, sends `signal` and removes `folder`.
    pub fn start(folder: PathBuf, signal: &'static str, command: Vec<OsString>) -> Self {
        let keeper = Self { folder, signal, command, shell: Mutex::default() };
        keeper.restart();
        keeper
    }

    /// A new folder.
    pub fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("lcr-{name}-{}", uuid::Uuid::new_v4().simple()))
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn log(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    /// SIGKILL, as in a power cut. The folder stays.
    pub fn kill(&self) {
        if let Some((mut shell, _)) = self.shell().take() {
            if let Some(mut stdin) = shell.stdin.take() {
                let _ = stdin.write_all(b"kill\n");
            }
            let _ = shell.wait();
        }
    }

    /// Starts the server again in the same folder. Does nothing while it runs.
    ///
    /// # Panics
    /// If there is no shell.
    #[allow(clippy::expect_used, reason = "a test without its server has failed")]
    pub fn restart(&self) {
        let mut shell = self.shell();
        if shell.is_some() {
            return;
        }
        let mut child = Command::new("sh")
            .args(["-c", SHELL, "keeper"])
            .arg(&self.folder)
            .arg(self.signal)
            .args(&self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        // The first line says that the server was started.
        let mut process = String::new();
        let output = child.stdout.take().map(BufReader::new);
        let _ = output.map(|mut output| output.read_line(&mut process));
        *shell = Some((child, process.trim().parse().unwrap_or_default()));
    }

    /// The server's process id while it runs.
    pub fn process(&self) -> Option<u32> {
        self.shell().as_ref().map(|(_, process)| *process)
    }

    fn shell(&self) -> MutexGuard<'_, Option<(Child, u32)>> {
        self.shell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some((mut shell, _)) = self.shell().take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
        // For a server that was killed and not restarted.
        let _ = std::fs::remove_dir_all(&self.folder);
        let _ = std::fs::remove_file(self.log());
    }
}
