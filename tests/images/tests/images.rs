//! Each image as it is released: one file and nobody's, and the platform running from them on the servers that a cluster
//! has. Where containers cannot run, that is said by name and the images are still read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeMap, time::Duration};

use lcr_images_tests::{
    api::Api,
    ask,
    built::{self, Image},
    podman::{self, Container, Volume},
    scene::{self, SERVICES, Scene, has_store},
};
use lcr_testkit::servers::free_port;
use serde_json::json;

const SOON: Duration = Duration::from_mins(1);
/// What a cluster waits before it kills is three times this.
const ENDS_WITHIN: Duration = Duration::from_secs(6);
/// Idle, with nobody's record in it: half of what it may have.
const RESIDENT_KIB: u64 = 64 * 1024;
const SETTLED: Duration = Duration::from_secs(10);

/// The image of `service`, when it is built and containers run here; else says why not.
fn runnable(service: &str) -> Option<Image> {
    let Some(image) = built::of(service) else {
        println!("skipped: no image of {service}: `cargo xtask images` builds it");
        return None;
    };
    let unable = podman::unable(&image);
    if let Some(why) = &unable {
        println!("skipped: {service} is not run: {why}");
    }
    unable.is_none().then_some(image)
}

#[test]
fn an_image_is_one_file_from_scratch_that_nobody_in_particular_runs() {
    let Some(images) = built::all() else {
        return println!("skipped: no images: `cargo xtask images` builds them");
    };
    for image in images {
        let inside = image.inside().unwrap();
        let service = &image.service;
        assert_eq!(inside.config["User"], "65532:65532", "{service}");
        assert_eq!(inside.config["Entrypoint"], json!(["/app"]), "{service}");
        assert_eq!(inside.config.get("Cmd"), None, "{service}");
        assert_eq!(inside.base, "", "{service} is made from an image");
        assert_eq!(inside.files, ["-rwxr-xr-x 0/0 app"], "{service}");
        assert_eq!(inside.layers, 1, "{service}");
        println!("{service}: {:.1} MB", megabytes(inside.bytes));
    }
}

#[test]
fn the_platform_runs_from_its_images() {
    let images: Vec<_> = SERVICES.into_iter().map_while(|of| Some((of, runnable(of.as_str())?))).collect();
    if images.len() < SERVICES.len() {
        return;
    }
    let scene = Scene::default();
    let mut running = vec![];
    for (service, image) in &images {
        let container = Container::start(image, &scene.settings(*service), &[]).unwrap();
        running.push((*service, container));
    }
    for (service, container) in &running {
        let alive = ask::until(scene.admin(*service), "/livez", 200, SOON);
        alive.unwrap_or_else(|why| panic!("{service}: {why}\n{}", container.said()));
        if has_store(*service) {
            let ready = ask::get(scene.admin(*service), "/readyz").map(|(status, _)| status);
            assert_eq!(ready, Some(503), "{service} has no schema yet");
        }
    }
    for (service, image) in &images {
        for again in ["first", "second"] {
            let done = podman::run(image, &scene.settings(*service), "migrate").unwrap();
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{service} migrates, {again}: {said}");
        }
    }
    for (service, container) in &running {
        is_ready(service.as_str(), scene.admin(*service), container);
    }
    std::thread::sleep(SETTLED);
    // Who calls leaves before who is called.
    for (service, container) in running.iter().rev() {
        is_small_and_ends(service.as_str(), container, RESIDENT_KIB);
    }
}

#[test]
fn the_operator_runs_from_its_image() {
    let Some(image) = runnable("operator") else { return };
    let definition = podman::run(&image, &BTreeMap::new(), "crd").unwrap();
    assert!(String::from_utf8_lossy(&definition.stdout).contains("kind: CustomResourceDefinition"));
    let api = Api::start().unwrap();
    let (mut settings, admin) = scene::operator();
    settings.insert("KUBECONFIG".to_owned(), "/kube/config".to_owned());
    let told = api.mounted_at("/kube").unwrap();
    let container = Container::start(&image, &settings, &[(told, "/kube")]).unwrap();
    is_ready("operator", admin, &container);
    std::thread::sleep(SETTLED);
    is_small_and_ends("operator", &container, RESIDENT_KIB);
}

#[test]
fn all_in_one_runs_from_its_image_and_again_on_the_same_volume() {
    let Some(image) = runnable("all-in-one") else { return };
    let volume = Volume::new("lcr-all-in-one").unwrap();
    let port = port_with_room();
    let settings = BTreeMap::from([
        ("LCR_DATA_DIR".to_owned(), "/data".to_owned()),
        ("LCR_PORT".to_owned(), port.to_string()),
    ]);
    for _ in ["new", "again"] {
        let container = Container::with_volume(&image, &settings, (&volume, "/data")).unwrap();
        is_ready("all-in-one", port + 1010, &container);
        std::thread::sleep(SETTLED);
        is_small_and_ends("all-in-one", &container, 2 * RESIDENT_KIB);
    }
}

/// A gateway's port with everybody else's free beside it: those of the design, moved together.
fn port_with_room() -> u16 {
    let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let room = |port: &u16| (0..8).chain([1010]).all(|more| free(port + more)) && free(port - 5505);
    let start = 10_000 + free_port() % 10_000;
    (start..30_000).step_by(10).find(room).unwrap()
}

/// Alive and ready, and its own health check says so from inside.
fn is_ready(service: &str, admin: u16, container: &Container) {
    let ready = ask::until(admin, "/livez", 200, SOON).and_then(|_| ask::until(admin, "/readyz", 200, SOON));
    let took = ready.unwrap_or_else(|why| panic!("{service}: {why}\n{}", container.said()));
    let checked = container.check(&format!("http://127.0.0.1:{admin}/readyz"));
    checked.unwrap_or_else(|why| panic!("{service} checks itself: {why}"));
    println!("{service}: ready after {:.1} s", took.as_secs_f32());
}

fn is_small_and_ends(service: &str, container: &Container, within: u64) {
    let resident = container.resident().unwrap();
    let (took, code) = container.terminate().unwrap();
    println!(
        "{service}: {:.1} MB resident, ended in {:.1} s",
        megabytes(resident * 1024),
        took.as_secs_f32()
    );
    assert_eq!(code, 0, "{service}: {}", container.said());
    assert!(took < ENDS_WITHIN, "{service} took {took:?} to end");
    assert!(resident < within, "{service} has {resident} KiB with nothing to do");
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
