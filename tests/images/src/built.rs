//! The images that were built, and what is in one, as its maker's own tool tells. It must never run one.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use lcr_testkit::Folder;
use serde_json::Value;

/// One line of the list: the program, and the name its image has here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub service: String,
    pub name: String,
}

/// What an image says of itself, and what it holds.
#[derive(Debug)]
pub struct Inside {
    /// `User`, `Entrypoint` and their like.
    pub config: Value,
    /// The image it was made from; empty when from none.
    pub base: String,
    /// Rights, owner and name of every file, of every layer.
    pub files: Vec<String>,
    pub layers: usize,
    /// Of all layers, as they are kept.
    pub bytes: u64,
}

/// All that were built; none when nobody built any.
pub fn all() -> Option<Vec<Image>> {
    let list = fs::read_to_string(target().join("images/images.txt")).ok()?;
    let image = |line: &str| {
        let (service, name) = line.split_once(' ')?;
        Some(Image { service: service.to_owned(), name: name.to_owned() })
    };
    Some(list.lines().filter_map(image).collect())
}

/// The one of `service`; none when nobody built it.
pub fn of(service: &str) -> Option<Image> {
    all()?.into_iter().find(|image| image.service == service)
}

impl Image {
    /// Unpacks it as far as its list of files.
    pub fn inside(&self) -> Result<Inside, String> {
        let about = ask(Command::new("buildah").args(["inspect", "--type", "image", &self.name]))?;
        let about: Value = serde_json::from_str(&about).map_err(|error| error.to_string())?;
        let manifest = about.pointer("/Manifest").and_then(Value::as_str).unwrap_or_default();
        let manifest: Value = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
        let base = manifest.pointer("/annotations/org.opencontainers.image.base.name");
        let (_kept, layers) = self.blobs()?;
        let mut files = vec![];
        for blob in &layers {
            files.extend(listing(blob)?);
        }
        let sizes = layers.iter().filter_map(|blob| fs::metadata(blob).ok());
        Ok(Inside {
            config: about.pointer("/OCIv1/config").cloned().unwrap_or_default(),
            base: base.and_then(Value::as_str).unwrap_or_default().to_owned(),
            files,
            layers: layers.len(),
            bytes: sizes.map(|about| about.len()).sum(),
        })
    }

    /// Its layers as files, and the folder that keeps them.
    fn blobs(&self) -> Result<(Folder, Vec<PathBuf>), String> {
        let folder = Folder::new("image").map_err(|error| error.to_string())?;
        let to = format!("dir:{}", folder.path().display());
        ask(Command::new("buildah").args(["push", "--quiet", &self.name, &to]))?;
        let manifest =
            fs::read_to_string(folder.path().join("manifest.json")).map_err(|error| error.to_string())?;
        let manifest: Value = serde_json::from_str(&manifest).map_err(|error| error.to_string())?;
        let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
        let digest = |layer: &Value| layer["digest"].as_str()?.split_once(':').map(|(_, hex)| hex.to_owned());
        let blobs = layers.iter().filter_map(digest).map(|hex| folder.path().join(hex)).collect();
        Ok((folder, blobs))
    }
}

/// Rights, owner and name of each entry of an archive.
fn listing(archive: &Path) -> Result<Vec<String>, String> {
    let said = ask(Command::new("tar").args(["--numeric-owner", "-tvf"]).arg(archive))?;
    let short = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        [words.first(), words.get(1), words.last()]
            .into_iter()
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .join(" ")
    };
    Ok(said.lines().map(short).collect())
}

/// What it printed, when all went well; else everything it said.
fn ask(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let answer = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&answer.stderr);
    if answer.status.success() { Ok(said) } else { Err(format!("{name}: {wrong}{said}")) }
}

/// The target folder this test was built into: three above its own file.
fn target() -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    own.ancestors().nth(3).map(PathBuf::from).unwrap_or_default()
}
