//! Test data from outside the repository: `LCR_TEST_DATA`, or `../shared/data` beside it. It must be read in place and
//! never copied into the repository; without it, tests print that they are skipped.

use std::path::PathBuf;

/// A folder of the data, or `None` after printing what is skipped.
pub fn folder(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("LCR_TEST_DATA").map(PathBuf::from);
    let beside = super::root().parent().map(|above| above.join("shared/data"));
    let found = given.or(beside).map(|base| base.join(name)).filter(|path| path.is_dir());
    if found.is_none() {
        println!("skipped: no {name} in LCR_TEST_DATA");
    }
    found
}

/// The files of a folder and its subfolders, sorted by path.
pub fn files(folder: &std::path::Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (vec![], vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
