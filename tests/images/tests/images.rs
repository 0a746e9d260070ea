//! Checks each released image: one file, run without root. Runs the platform from its images on the servers of a cluster;
//! if containers cannot run here, that part is skipped with the reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeMap, time::Duration};

use lcr_images_tests::{
    http,
    image::{self, Image},
    kube_api::FakeKubeApi,
    podman::{self, Container, Volume},
    scene::{self, SERVICES, Scene, has_store},
};
use lcr_testkit::servers::free_port;
use serde_json::json;

const READY_TIMEOUT: Duration = Duration::from_mins(1);
/// A cluster waits three times as long before it kills a pod.
const STOP_TIMEOUT: Duration = Duration::from_secs(6);
/// The memory of an idle service: half of its limit.
const MAX_PRIVATE_KIB: u64 = 64 * 1024;
const SETTLE_TIME: Duration = Duration::from_secs(10);

/// The image of `service`; prints the reason if it is not built or containers cannot run here.
fn find_runnable(service: &str) -> Option<Image> {
    let Some(image) = image::find(service) else {
        println!("skipped: no image of {service}: `cargo xtask images` builds it");
        return None;
    };
    let unable = podman::why_unable(&image);
    if let Some(why) = &unable {
        println!("skipped: {service} is not run: {why}");
    }
    unable.is_none().then_some(image)
}

#[test]
fn an_image_is_one_file_built_from_scratch_and_runs_without_root() {
    let Some(images) = image::find_all() else {
        return println!("skipped: no images: `cargo xtask images` builds them");
    };
    for image in images {
        let contents = image.contents().unwrap();
        let service = &image.service;
        assert_eq!(contents.config["User"], "65532:65532", "{service}");
        assert_eq!(contents.config["Entrypoint"], json!(["/app"]), "{service}");
        assert_eq!(contents.config.get("Cmd"), None, "{service}");
        assert_eq!(contents.base, "", "{service} is made from an image");
        assert_eq!(contents.files, ["-rwxr-xr-x 0/0 app"], "{service}");
        assert_eq!(contents.layers, 1, "{service}");
        println!("{service}: {:.1} MB", megabytes(contents.bytes));
    }
}

#[test]
fn the_platform_runs_from_its_images() {
    let images: Vec<_> = SERVICES.into_iter().map_while(|of| Some((of, find_runnable(of.as_str())?))).collect();
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
        let alive = http::wait_for_status(scene.admin_port(*service), "/livez", 200, READY_TIMEOUT);
        alive.unwrap_or_else(|why| panic!("{service}: {why}\n{}", container.logs()));
        if has_store(*service) {
            let ready = http::get(scene.admin_port(*service), "/readyz").map(|(status, _)| status);
            assert_eq!(ready, Some(503), "{service} has no schema yet");
        }
    }
    for (service, image) in &images {
        for again in ["first", "second"] {
            let done = podman::run(image, &scene.settings(*service), "migrate").unwrap();
            let output = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{service} migrates, {again}: {output}");
        }
    }
    for (service, container) in &running {
        assert_ready(service.as_str(), scene.admin_port(*service), container);
    }
    std::thread::sleep(SETTLE_TIME);
    // Callers stop before their callees.
    for (service, container) in running.iter().rev() {
        assert_small_and_stops(service.as_str(), container, MAX_PRIVATE_KIB);
    }
}

#[test]
fn the_operator_runs_from_its_image() {
    let Some(image) = find_runnable("operator") else { return };
    let definition = podman::run(&image, &BTreeMap::new(), "crd").unwrap();
    assert!(String::from_utf8_lossy(&definition.stdout).contains("kind: CustomResourceDefinition"));
    let api = FakeKubeApi::start().unwrap();
    let (mut settings, admin) = scene::operator_settings();
    settings.insert("KUBECONFIG".to_owned(), "/kube/config".to_owned());
    let given = api.write_kubeconfig("/kube").unwrap();
    let container = Container::start(&image, &settings, &[(given, "/kube")]).unwrap();
    assert_ready("operator", admin, &container);
    std::thread::sleep(SETTLE_TIME);
    assert_small_and_stops("operator", &container, MAX_PRIVATE_KIB);
}

#[test]
fn all_in_one_runs_from_its_image_and_again_on_the_same_volume() {
    let Some(image) = find_runnable("all-in-one") else { return };
    let volume = Volume::new("lcr-all-in-one").unwrap();
    let port = find_port_block();
    let settings =
        BTreeMap::from([("LCR_DATA_DIR".to_owned(), "/data".to_owned()), ("LCR_PORT".to_owned(), port.to_string())]);
    for _ in ["new", "again"] {
        let container = Container::with_volume(&image, &settings, (&volume, "/data")).unwrap();
        assert_ready("all-in-one", port + 1010, &container);
        std::thread::sleep(SETTLE_TIME);
        assert_small_and_stops("all-in-one", &container, 2 * MAX_PRIVATE_KIB);
    }
}

/// Finds a gateway port whose related ports are free.
fn find_port_block() -> u16 {
    let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let room = |port: &u16| (0..8).chain([1010]).all(|more| free(port + more)) && free(port - 5505);
    let start = 10_000 + free_port() % 10_000;
    (start..30_000).step_by(10).find(room).unwrap()
}

/// Checks that the container becomes alive and ready, also by its own health check.
fn assert_ready(service: &str, admin: u16, container: &Container) {
    let ready = http::wait_for_status(admin, "/livez", 200, READY_TIMEOUT)
        .and_then(|_| http::wait_for_status(admin, "/readyz", 200, READY_TIMEOUT));
    let took = ready.unwrap_or_else(|why| panic!("{service}: {why}\n{}", container.logs()));
    let checked = container.check(&format!("http://127.0.0.1:{admin}/readyz"));
    checked.unwrap_or_else(|why| panic!("{service} checks itself: {why}"));
    println!("{service}: ready after {:.1} s", took.as_secs_f32());
}

fn assert_small_and_stops(service: &str, container: &Container, within: u64) {
    let private = container.private_kib().unwrap();
    let (took, code) = container.terminate().unwrap();
    println!("{service}: {:.1} MB of its own, ended in {:.1} s", megabytes(private * 1024), took.as_secs_f32());
    assert_eq!(code, 0, "{service}: {}", container.logs());
    assert!(took < STOP_TIMEOUT, "{service} took {took:?} to end");
    assert!(private < within, "{service} has {private} KiB with nothing to do");
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
