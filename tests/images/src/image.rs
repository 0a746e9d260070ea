//! The built images and their contents, read with `buildah`. It must never run one.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use lcr_testkit::Folder;
use serde_json::Value;

/// A built image: its program and its name on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub service: String,
    pub name: String,
}

/// The configuration and the files of an image.
#[derive(Debug)]
pub struct ImageContents {
    /// `User`, `Entrypoint` and their like.
    pub config: Value,
    /// The base image; empty for an image from scratch.
    pub base: String,
    /// Mode, owner and name of every file of every layer.
    pub files: Vec<String>,
    pub layers: usize,
    /// The size of all layers as stored.
    pub bytes: u64,
}

/// All built images; `None` if no images are built.
pub fn find_all() -> Option<Vec<Image>> {
    let list = fs::read_to_string(target_folder().join("images/images.txt")).ok()?;
    let image = |line: &str| {
        let (service, name) = line.split_once(' ')?;
        Some(Image { service: service.to_owned(), name: name.to_owned() })
    };
    Some(list.lines().filter_map(image).collect())
}

/// The image of `service`; `None` if it is not built.
pub fn find(service: &str) -> Option<Image> {
    find_all()?.into_iter().find(|image| image.service == service)
}

impl Image {
    /// Reads the configuration and lists the files.
    pub fn contents(&self) -> Result<ImageContents, String> {
        let about = run_command(Command::new("buildah").args(["inspect", "--type", "image", &self.name]))?;
        let about: Value = serde_json::from_str(&about).map_err(|error| error.to_string())?;
        let manifest = about.pointer("/Manifest").and_then(Value::as_str).unwrap_or_default();
        let manifest: Value = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
        let base = manifest.pointer("/annotations/org.opencontainers.image.base.name");
        let (_kept, layers) = self.export_layers()?;
        let mut files = vec![];
        for blob in &layers {
            files.extend(list_archive(blob)?);
        }
        let sizes = layers.iter().filter_map(|blob| fs::metadata(blob).ok());
        Ok(ImageContents {
            config: about.pointer("/OCIv1/config").cloned().unwrap_or_default(),
            base: base.and_then(Value::as_str).unwrap_or_default().to_owned(),
            files,
            layers: layers.len(),
            bytes: sizes.map(|about| about.len()).sum(),
        })
    }

    /// Exports the layers as files into a temporary folder.
    fn export_layers(&self) -> Result<(Folder, Vec<PathBuf>), String> {
        let folder = Folder::new("image").map_err(|error| error.to_string())?;
        let to = format!("dir:{}", folder.path().display());
        run_command(Command::new("buildah").args(["push", "--quiet", &self.name, &to]))?;
        let manifest = fs::read_to_string(folder.path().join("manifest.json")).map_err(|error| error.to_string())?;
        let manifest: Value = serde_json::from_str(&manifest).map_err(|error| error.to_string())?;
        let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
        let digest = |layer: &Value| layer["digest"].as_str()?.split_once(':').map(|(_, hex)| hex.to_owned());
        let blobs = layers.iter().filter_map(digest).map(|hex| folder.path().join(hex)).collect();
        Ok((folder, blobs))
    }
}

/// Lists mode, owner and name of each entry of an archive.
fn list_archive(archive: &Path) -> Result<Vec<String>, String> {
    let stdout = run_command(Command::new("tar").args(["--numeric-owner", "-tvf"]).arg(archive))?;
    let short = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        [words.first(), words.get(1), words.last()].into_iter().flatten().copied().collect::<Vec<_>>().join(" ")
    };
    Ok(stdout.lines().map(short).collect())
}

/// Runs a command and returns its standard output; the error has its whole output.
fn run_command(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let answer = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let stdout = String::from_utf8_lossy(&answer.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&answer.stderr);
    if answer.status.success() { Ok(stdout) } else { Err(format!("{name}: {stderr}{stdout}")) }
}

/// The target folder of this build, three levels above the test program.
fn target_folder() -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    own.ancestors().nth(3).map(PathBuf::from).unwrap_or_default()
}
