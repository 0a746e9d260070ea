//! Tests of the limits per message, and that the cost grows linearly with its length.

use std::time::{Duration, Instant};

use crate::domain::{
    MappingError, MappingResult,
    testing::{PID, mapped_by, source, text},
};

fn refused(kind: &str, segments: &[&str]) -> String {
    match mapped_by(&source(&[("PAS", "Z9H01")]), &text(kind, segments)) {
        Err(MappingError::Fault(fault)) => fault.location(),
        _ => panic!("not refused"),
    }
}

#[test]
fn a_message_over_a_limit_is_refused_with_the_location() {
    let people = vec![PID; 10_001];
    assert_eq!(refused("ADT^A28", &people), "PID[10001]");
    let orders: Vec<&str> = std::iter::once(PID).chain(std::iter::repeat_n("OBR|1||F|T", 10_001)).collect();
    assert_eq!(refused("ORU^R01", &orders), "OBR[10001]");
    let lines: Vec<&str> = std::iter::once(PID).chain(std::iter::repeat_n("NTE", 100_000)).collect();
    assert_eq!(refused("ADT^A28", &lines), "NTE[99999]");
    let id = format!("PID|1||{}", "7".repeat(251));
    assert_eq!(refused("ADT^A28", &[PID, &id]), "PID[2]-3");
}

fn measure(kind: &str, segments: &[&str]) -> Duration {
    let (system, text) = (source(&[("PAS", "Z9H01")]), text(kind, segments));
    let run = || -> MappingResult { mapped_by(&system, &text) };
    assert!(run().is_ok(), "{kind}");
    // The fastest of three runs is least affected by other load.
    (0..3)
        .map(|_| {
            let started = Instant::now();
            drop(run());
            started.elapsed()
        })
        .min()
        .unwrap()
}

/// Eight times the input may take 24 times as long. A quadratic cost would take 64 times.
#[test]
fn the_cost_is_linear_in_every_repeated_part_of_a_message() {
    type Generator = fn(usize) -> Vec<String>;
    let cases: [(&str, &str, Generator); 7] = [
        ("ADT^A28", "patients", |many| vec![PID.to_owned(); many]),
        ("ADT^A40", "merges", |many| {
            (0..many).flat_map(|at| [format!("PID|1||A{at}"), format!("MRG|B{at}")]).collect()
        }),
        ("ORU^R01", "orders", |many| {
            std::iter::once(PID.to_owned()).chain((0..many).map(|at| format!("OBR|1||F{at}|T"))).collect()
        }),
        ("ORU^R01", "observations", |many| {
            let obx = (0..many).map(|at| format!("OBX|{at}|NM|k^Potassium||4.{at}|mmol/L|||||F"));
            [PID.to_owned(), "OBR|1||F|T".to_owned()].into_iter().chain(obx).collect()
        }),
        ("ORU^R01", "comments", |many| {
            [
                vec![PID.to_owned(), "OBR|1||F|T".to_owned(), "OBX|1|NM|k||4".to_owned()],
                vec!["NTE|1||words".to_owned(); many],
            ]
            .concat()
        }),
        ("ADT^A40", "numbers", |many| {
            let ids = |letter: &str| (0..many).map(|at| format!("{letter}{at}")).collect::<Vec<_>>().join("~");
            vec![format!("PID|1||{}", ids("A")), format!("MRG|{}", ids("B"))]
        }),
        ("MDM^T02", "chunks", |many| {
            let obx = vec!["OBX|1|ED|f^Scan|1|^AP^PDF^Base64^JVBERi0x".to_owned()];
            let more = vec!["OBX|1|ED|f^Scan|1|^AP^PDF^Base64^LjQKLjQK".to_owned(); many];
            [vec![PID.to_owned(), "TXA|1|CL||||||||||D1".to_owned()], obx, more].concat()
        }),
    ];
    for (kind, name, make) in cases {
        let time = |many: usize| {
            let segments = make(many);
            measure(kind, &segments.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let (few, many) = (time(500), time(4_000));
        assert!(many < few * 24 + Duration::from_millis(50), "{name}: {few:?} and then {many:?}");
    }
}
