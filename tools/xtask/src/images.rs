//! Builds a static program and an image for every service, lists the crates of each program and tests the images. It must
//! never push or sign an image, which is the task of a release.

use std::{
    env::{self, consts::ARCH},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    apt, assets, servers,
    step::{Step, StepError},
    tools,
    workspace::{Workspace, on_path},
};

/// The services with an image, named after their programs.
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
/// Environment variable that names another cargo profile, such as `dev` for a quick build of large images.
const PROFILE: &str = "LCR_IMAGE_PROFILE";
/// The name of the list of crates that `cargo cyclonedx` writes beside each crate; moved from there.
const SBOM_NAME: &str = "made-of";

/// Environment variable that makes `cargo xtask test` build the images, quickly and not for a release.
pub const BUILD_IMAGES: &str = "LCR_IMAGES";
/// The cargo profile of images for tests.
const TEST_PROFILE: &str = "image-check";

/// Builds all images and tests them.
pub fn build_and_test(workspace: &Workspace) -> Result<(), StepError> {
    build(workspace, &env::var(PROFILE).unwrap_or_else(|_| "image".to_owned()))?;
    let servers = servers::install_missing(workspace)?;
    tools::install_nextest(workspace)?;
    let test = ["nextest", "run", "--package", "lcr-images-tests", "--no-capture"];
    servers.with_servers(workspace.cargo("tests of the images", &test)).run_last()
}

/// Builds the images for `cargo xtask test` if `LCR_IMAGES` asks for them.
pub fn build_if_requested(workspace: &Workspace) -> Result<(), StepError> {
    if env::var_os(BUILD_IMAGES).is_some() {
        return build(workspace, TEST_PROFILE);
    }
    if !workspace.target("images/images.txt").is_file() {
        println!("\nSKIPPED: tests of the images, because no images are built: `cargo xtask images` builds them");
    }
    Ok(())
}

fn build(workspace: &Workspace, profile: &str) -> Result<(), StepError> {
    let folder = workspace.target("images");
    assets::build_portal_assets(workspace)?;
    install_programs()?;
    build_static_programs(workspace, &folder, profile)?;
    write_sboms(workspace, &folder)?;
    let mut list = String::new();
    for service in SERVICES {
        let name = format!("localhost/leeds-care-record/{service}:built");
        build_image(workspace, &folder, service, &name)?;
        list.extend([service, " ", name.as_str(), "\n"]);
    }
    fs::write(folder.join("images.txt"), list).map_err(|error| file_error(&folder, &error))
}

fn install_programs() -> Result<(), StepError> {
    // `/usr/sbin` is not on the path of every user.
    let is_installed = |name: &str| on_path(name).is_some() || Path::new("/usr/sbin").join(name).is_file();
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !apt::can_install() {
        let install = format!("apt-get install --no-install-recommends {}", missing.join(" "));
        return Err(StepError::missing(missing.join(", "), install));
    }
    apt::install("containers", &missing)
}

/// Builds all programs in one build. They are static because their images have no loader.
fn build_static_programs(workspace: &Workspace, folder: &Path, profile: &str) -> Result<(), StepError> {
    let (target, packages) = (target_triple(), SERVICES.map(|service| format!("lcr-{service}")));
    let mut args = vec!["build", "--locked", "--bins", "--target", &target, "--profile", profile];
    args.extend(packages.iter().flat_map(|package| ["--package", package.as_str()]));
    let build = workspace.cargo("static programs", &args).env("RUSTFLAGS", "-C target-feature=+crt-static");
    // With optimisation across crates on two busy processors it takes more than the usual half hour.
    build.limit(Duration::from_hours(2)).run()?;
    let within = if profile == "dev" { "debug" } else { profile };
    let (from, to) = (workspace.target(&target).join(within), folder.join("bin-out"));
    fs::create_dir_all(&to).map_err(|error| file_error(&to, &error))?;
    for service in SERVICES {
        fs::copy(from.join(service), to.join(service)).map_err(|error| file_error(&from.join(service), &error))?;
    }
    Ok(())
}

/// Writes a list of every crate in each program, as `CycloneDX`.
fn write_sboms(workspace: &Workspace, folder: &Path) -> Result<(), StepError> {
    let lists = workspace.cargo("lists of crates", &["cyclonedx", "--format", "json", "--quiet"]);
    let path = env::join_paths(
        std::iter::once(install_cyclonedx(workspace)?)
            .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    let path = path.map_err(|error| StepError::Failed(error.to_string()))?;
    // A fixed time, so that the same commit gives the same list.
    let lists = lists.env("PATH", path).env("SOURCE_DATE_EPOCH", "0");
    lists.args(["--spec-version", "1.5", "--target", &target_triple(), "--override-filename", SBOM_NAME]).run()?;
    for service in SERVICES {
        let made = workspace.path("services").join(service).join(format!("{SBOM_NAME}.json"));
        let copy = folder.join(format!("{service}.cdx.json"));
        fs::copy(&made, &copy).map_err(|error| file_error(&made, &error))?;
    }
    for crates in ["libs", "services", "tools", "tests", "."] {
        for about in fs::read_dir(workspace.path(crates)).into_iter().flatten().flatten() {
            // Folders that are no crate have no such file.
            let _ = fs::remove_file(about.path().join(format!("{SBOM_NAME}.json")));
        }
    }
    Ok(())
}

/// Returns the folder of `cargo cyclonedx`. It is built without optimisation because it runs for seconds.
fn install_cyclonedx(workspace: &Workspace) -> Result<PathBuf, StepError> {
    let folder = workspace.tools().join("bin");
    if !folder.join("cargo-cyclonedx").is_file() {
        let install = workspace.cargo("cargo-cyclonedx: install", &["install", "--locked", "--debug", CYCLONEDX]);
        install.args(["--root"]).args([workspace.tools()]).env("CARGO_PROFILE_DEV_DEBUG", "false").run()?;
    }
    Ok(folder)
}

/// Builds an image with fixed times, so that the same program gives the same image.
fn build_image(workspace: &Workspace, folder: &Path, service: &str, name: &str) -> Result<(), StepError> {
    Step::new(&format!("image of {service}"), "buildah")
        .args(["bud", "--quiet", "--timestamp", "0", "--tag", name, "--build-context"])
        .args([format!("build={}", folder.display()), format!("--build-arg=SERVICE={service}")])
        .args(["--file"])
        .args([workspace.path("services/Dockerfile"), folder.to_owned()])
        .run()
}

fn target_triple() -> String {
    format!("{ARCH}-unknown-linux-gnu")
}

fn file_error(file: &Path, error: &std::io::Error) -> StepError {
    StepError::Failed(format!("{}: {error}", file.display()))
}
