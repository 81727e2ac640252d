"""Debian kernels by version: found in the suite that carries them, reduced to an image and the modules the lab loads."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from packages import CACHE, FILLING, Suite, Unavailable

SUITES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie"}
NEWEST = "sid"
# What brings KVM up; on arm64 it is part of the kernel.
MODULES = {"amd64": ["irqbypass", "ccp", "kvm", "kvm_amd"], "arm64": []}


@dataclass(frozen=True)
class Kernel:
    """A kernel ready to boot."""

    version: str
    architecture: str
    release: str
    suite: Suite
    image: Path
    modules: list[Path]


def architecture(name: str) -> str:
    """The second half of a name such as 6.1-arm64."""
    return name.partition("-")[2] or "amd64"


def kernel(name: str) -> Kernel:
    """The newest kernel of a version such as 6.1 or 6.1-arm64, fetched if the cache does not have it."""
    version, target = name.partition("-")[0], architecture(name)
    suite = Suite(SUITES.get(version, NEWEST), target)
    pattern = rf"linux-image-{re.escape(version)}\.\d+(-\d+|\+deb\d+[.\d]*)-{target}"
    with FILLING:
        package = suite.newest(pattern)
        release = package.removeprefix("linux-image-")
        home = CACHE / "kernels" / release
        if not (home / "order").exists():
            _fetch(suite, package, MODULES[target], home)
    order = (home / "order").read_text().split()
    return Kernel(version, target, release, suite, home / "vmlinuz", [home / name for name in order])


def _fetch(suite: Suite, package: str, modules: list[str], home: Path) -> None:
    parts = [package]
    # Newer releases keep image and modules in packages of their own, which linux-image depends on.
    parts += re.findall(r"(linux-(?:binary|modules)-\S+)", suite.field(package, "Depends"))
    root = suite.unpack(parts, home.with_name(home.name + ".unpacked"))
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    image = next((p for p in root.rglob("vmlinuz*") if p.is_file()), None)
    if image is None:
        raise Unavailable(f"{package} has no vmlinuz")
    shutil.copy(image, home / "vmlinuz")
    files = {_module_name(file): file for file in root.rglob("*.ko*")}
    order: list[str] = []
    for module in modules:
        _take(module, files, home, order)
    (home / "order").write_text("\n".join(order))
    shutil.rmtree(root)


def _take(module: str, files: dict[str, Path], home: Path, order: list[str]) -> None:
    """Copies a module after the ones it depends on; one that is built into the kernel has no file."""
    file = files.get(module)
    if file is None or f"{module}.ko" in order:
        return
    content = _plain(file)
    for dependency in _depends(content):
        _take(dependency, files, home, order)
    (home / f"{module}.ko").write_bytes(content)
    order.append(f"{module}.ko")


def _plain(file: Path) -> bytes:
    tool = {".xz": "xz", ".zst": "zstd"}.get(file.suffix)
    if tool is None:
        return file.read_bytes()
    return subprocess.run([tool, "-dcq", file], check=True, capture_output=True).stdout


def _depends(module: bytes) -> list[str]:
    match = re.search(rb"\0depends=([^\0]*)\0", module)
    return [name.replace("-", "_") for name in match[1].decode().split(",") if name] if match else []


def _module_name(file: Path) -> str:
    return file.name.split(".ko")[0].replace("-", "_")
