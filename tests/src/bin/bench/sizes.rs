//! The sizes of the images' single files. It must never build an image: `cargo xtask images` does.

use std::{fs, path::Path};

use super::report::Report;

pub fn images(report: &mut Report) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/images");
    let list = fs::read_to_string(folder.join("images.txt")).unwrap_or_default();
    if list.is_empty() {
        println!("images: not measured, because there are none: `cargo xtask images` builds them");
    }
    for service in list.lines().filter_map(|line| line.split(' ').next()) {
        let file = folder.join("bin-out").join(service);
        let bytes = fs::metadata(&file).map_or(0, |about| about.len());
        report.add(&format!("image: {service}"), bytes as f64 / 1e6, "MB", "aim: 25 MB");
    }
}
