//! Keeps one server process and sees that it never outlives the test: a shell holds one end of a pipe, and when
//! the test ends, even by a signal, the shell ends the server and removes its folder. It must never leave either.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// `$1` the folder, `$2` the signal that ends the server, the rest its command. A line read means: kill it with
/// the processes it has started, all at the same moment as when the power goes, and leave the folder once they are gone
/// (`PostgreSQL` does not start beside one of its own that still ends); the pipe's
/// end means: the test is over.
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

/// A server's process, its folder and how it is started.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    signal: &'static str,
    command: Vec<OsString>,
    /// The shell, and the process of the server that it keeps.
    shell: Mutex<Option<(Child, u32)>>,
}

impl Keeper {
    /// Starts `command` with `folder` as what is removed in the end; `signal` ends it when the test is over.
    pub fn start(folder: PathBuf, signal: &'static str, command: Vec<OsString>) -> Self {
        let keeper = Self { folder, signal, command, shell: Mutex::default() };
        keeper.restart();
        keeper
    }

    /// A folder nobody else has.
    pub fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("lcr-{name}-{}", uuid::Uuid::new_v4().simple()))
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn log(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    /// SIGKILL, as when the power goes; the folder stays.
    pub fn kill(&self) {
        if let Some((mut shell, _)) = self.shell().take() {
            if let Some(mut stdin) = shell.stdin.take() {
                let _ = stdin.write_all(b"kill\n");
            }
            let _ = shell.wait();
        }
    }

    /// Starts it again in the same folder; does nothing while it runs.
    ///
    /// # Panics
    /// When there is no shell.
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
        // Its first line says that the server was started.
        let mut process = String::new();
        let said = child.stdout.take().map(BufReader::new);
        let _ = said.map(|mut said| said.read_line(&mut process));
        *shell = Some((child, process.trim().parse().unwrap_or_default()));
    }

    /// The server's process, while it runs.
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
        // Of a server that was killed and not started again.
        let _ = std::fs::remove_dir_all(&self.folder);
        let _ = std::fs::remove_file(self.log());
    }
}
