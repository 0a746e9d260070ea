//! The images: every program built static, put into an image of its own, listed with what it is made of, and tested. It
//! must never push or sign one: that is a release's to do.

use std::{
    env::{self, consts::ARCH},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    apt, assets,
    place::{Place, on_path},
    servers,
    step::{Step, Stop},
    tools,
};

/// One image each, named after its program.
const SERVICES: [&str; 10] = [
    "audit",
    "identity",
    "consent",
    "patient-index",
    "record-aggregation",
    "virtual-ward",
    "feeds",
    "gateway",
    "operator",
    "all-in-one",
];
const PROGRAMS: [&str; 3] = ["buildah", "podman", "runc"];
const CYCLONEDX: &str = "cargo-cyclonedx@0.5.9";
/// Names another cargo profile than the releases' own, as `dev` where minutes matter more than megabytes.
const PROFILE: &str = "LCR_IMAGE_PROFILE";
/// What a program is made of, beside the crate it is the program of; moved from there.
const MADE_OF: &str = "made-of";

/// Set where the tests are to have images too: they are then built quickly, to be proved and not to be released.
pub const WANTED: &str = "LCR_IMAGES";
/// The profile they are built with there.
const QUICK: &str = "image-check";

/// Builds all of them and tests them.
pub fn images(place: &Place) -> Result<(), Stop> {
    build(place, &env::var(PROFILE).unwrap_or_else(|_| "image".to_owned()))?;
    let servers = servers::ready(place)?;
    tools::nextest(place)?;
    let test = ["nextest", "run", "--package", "lcr-images-tests", "--no-capture"];
    servers.tell(place.cargo("tests of the images", &test)).run_last()
}

/// For the tests of everything, where they are wanted there.
pub fn wanted(place: &Place) -> Result<(), Stop> {
    if env::var_os(WANTED).is_some() {
        return build(place, QUICK);
    }
    if !place.target("images/images.txt").is_file() {
        println!("\nSKIPPED: tests of the images, because there are none: `cargo xtask images` builds them");
    }
    Ok(())
}

fn build(place: &Place, profile: &str) -> Result<(), Stop> {
    let folder = place.target("images");
    assets::portal(place)?;
    programs()?;
    stage(place, &folder, profile)?;
    made_of(place, &folder)?;
    let mut list = String::new();
    for service in SERVICES {
        let name = format!("localhost/leeds-care-record/{service}:built");
        image(place, &folder, service, &name)?;
        list.extend([service, " ", name.as_str(), "\n"]);
    }
    fs::write(folder.join("images.txt"), list).map_err(|error| failed(&folder, &error))
}

fn programs() -> Result<(), Stop> {
    // Where root's programs are is not on everybody's path.
    let there = |name: &str| on_path(name).is_some() || Path::new("/usr/sbin").join(name).is_file();
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|name| !there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !apt::is_there() {
        let install = format!("apt-get install --no-install-recommends {}", missing.join(" "));
        return Err(Stop::missing(missing.join(", "), install));
    }
    apt::install("containers", &missing)
}

/// All programs from one build, static: their image has no loader.
fn stage(place: &Place, folder: &Path, profile: &str) -> Result<(), Stop> {
    let (target, packages) = (target(), SERVICES.map(|service| format!("lcr-{service}")));
    let mut args = vec!["build", "--locked", "--bins", "--target", &target, "--profile", profile];
    args.extend(packages.iter().flat_map(|package| ["--package", package.as_str()]));
    let build = place.cargo("static programs", &args).env("RUSTFLAGS", "-C target-feature=+crt-static");
    // Optimised across crates, on two processors that do other things too, it takes more than the usual half hour.
    build.limit(Duration::from_hours(2)).run()?;
    let within = if profile == "dev" { "debug" } else { profile };
    let (from, to) = (place.target(&target).join(within), folder.join("bin-out"));
    fs::create_dir_all(&to).map_err(|error| failed(&to, &error))?;
    for service in SERVICES {
        fs::copy(from.join(service), to.join(service))
            .map_err(|error| failed(&from.join(service), &error))?;
    }
    Ok(())
}

/// A list of every crate in each program, in `CycloneDX`.
fn made_of(place: &Place, folder: &Path) -> Result<(), Stop> {
    let lists = place.cargo("what they are made of", &["cyclonedx", "--format", "json", "--quiet"]);
    let path = env::join_paths(
        std::iter::once(cyclonedx(place)?).chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    let path = path.map_err(|error| Stop::Failed(error.to_string()))?;
    // The same commit gives the same list.
    let lists = lists.env("PATH", path).env("SOURCE_DATE_EPOCH", "0");
    lists.args(["--spec-version", "1.5", "--target", &target(), "--override-filename", MADE_OF]).run()?;
    for service in SERVICES {
        let made = place.path("services").join(service).join(format!("{MADE_OF}.json"));
        let kept = folder.join(format!("{service}.cdx.json"));
        fs::copy(&made, &kept).map_err(|error| failed(&made, &error))?;
    }
    for crates in ["libs", "services", "tools", "tests", "."] {
        for about in fs::read_dir(place.path(crates)).into_iter().flatten().flatten() {
            // Most crates have one, not all folders do.
            let _ = fs::remove_file(about.path().join(format!("{MADE_OF}.json")));
        }
    }
    Ok(())
}

/// The folder of the program that writes them, built without optimisation: it runs for seconds.
fn cyclonedx(place: &Place) -> Result<PathBuf, Stop> {
    let folder = place.tools().join("bin");
    if !folder.join("cargo-cyclonedx").is_file() {
        let install = place.cargo("cargo-cyclonedx: install", &["install", "--locked", "--debug", CYCLONEDX]);
        install.args(["--root"]).args([place.tools()]).env("CARGO_PROFILE_DEV_DEBUG", "false").run()?;
    }
    Ok(folder)
}

/// The same program gives the same image.
fn image(place: &Place, folder: &Path, service: &str, name: &str) -> Result<(), Stop> {
    Step::new(&format!("image of {service}"), "buildah")
        .args(["bud", "--quiet", "--timestamp", "0", "--tag", name, "--build-context"])
        .args([format!("build={}", folder.display()), format!("--build-arg=SERVICE={service}")])
        .args(["--file"])
        .args([place.path("services/Dockerfile"), folder.to_owned()])
        .run()
}

fn target() -> String {
    format!("{ARCH}-unknown-linux-gnu")
}

fn failed(file: &Path, error: &std::io::Error) -> Stop {
    Stop::Failed(format!("{}: {error}", file.display()))
}
