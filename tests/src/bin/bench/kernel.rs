//! Reads the kernel's figures of a process: memory, processor time and bytes read. It must never change what a process
//! does.

use std::fs;

/// Resident memory (`VmRSS`) in MB; 0 for an ended process.
pub fn resident_mb(process: u32) -> f64 {
    figure(process, "status", "VmRSS:") / 1024.0
}

/// Resident memory that no other process shares, in MB.
pub fn private_mb(process: u32) -> f64 {
    let parts = ["Private_Clean:", "Private_Dirty:"];
    parts.map(|part| figure(process, "smaps_rollup", part)).iter().sum::<f64>() / 1024.0
}

/// The most resident memory (`VmHWM`) in MB since the start, or since `forget_peak`.
pub fn peak_mb(process: u32) -> f64 {
    figure(process, "status", "VmHWM:") / 1024.0
}

/// Lets the kernel measure the most resident memory from now on. Without that right it stays the most since the start.
pub fn forget_peak(process: u32) {
    let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
}

/// Bytes read from files so far, from the kernel's cache or a disk.
pub fn bytes_read(process: u32) -> f64 {
    figure(process, "io", "rchar:")
}

/// The number after `name` in a file of the process.
fn figure(process: u32, file: &str, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0)
}

/// Processor time in seconds, including ended and running children: a database has a child for each connection.
pub fn cpu_seconds(process: u32) -> f64 {
    /// Ticks per second on all common Linux machines.
    const TICKS: f64 = 100.0;
    let of = |process| {
        let fields = stat(process);
        // Fields 14 to 17 of proc(5): user and system time, own and of children; the first two fields are cut off.
        (11..15).filter_map(|at| fields.get(at)?.parse::<f64>().ok()).sum::<f64>()
    };
    (of(process) + children(process).into_iter().map(of).sum::<f64>()) / TICKS
}

fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = all.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    let parent = parent.to_string();
    processes.filter(|process| stat(*process).get(1) == Some(&parent)).collect()
}

/// The fields of `/proc/<process>/stat` after the name, which may contain any character.
fn stat(process: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = text.rsplit_once(") ").map_or("", |(_, after)| after);
    after.split_whitespace().map(str::to_owned).collect()
}
