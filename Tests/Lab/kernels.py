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
KVM = {"amd64": ["irqbypass", "ccp", "kvm", "kvm_amd"], "arm64": []}
# A disk with ext4, which asks for its checksums by an alias.
DISK = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]
MODULES = {"amd64": KVM["amd64"] + DISK, "arm64": []}
# The first of Debian's with haltpoll's governor; 6.1 has its driver alone.
HALTPOLL = "6.12"


@dataclass(frozen=True)
class Kernel:
    """A kernel ready to boot."""

    version: str
    architecture: str
    release: str
    suite: Suite
    home: Path

    @property
    def image(self) -> Path:
        return self.home / "vmlinuz"

    @property
    def kvm(self) -> list[Path]:
        """The modules that bring KVM up, in the order in which they are loaded."""
        return self.modules(KVM[self.architecture])

    def modules(self, names: list[str]) -> list[Path]:
        """Modules in the order in which they are loaded, with those that they depend on; without what is part of the kernel."""
        order: list[Path] = []
        for name in names:
            file = self.home / f"{name}.ko"
            if file.exists() and file not in order:
                order += [needed for needed in self.modules(_depends(file.read_bytes())) if needed not in order] + [file]
        return order


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
        stamp, wanted = home / "modules", " ".join(MODULES[target])
        if not stamp.exists() or stamp.read_text() != wanted:
            _fetch(suite, package, MODULES[target], home)
            stamp.write_text(wanted)
    return Kernel(version, target, release, suite, home)


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
    for module in modules:
        _take(module, files, home)
    shutil.rmtree(root)


def _take(module: str, files: dict[str, Path], home: Path) -> None:
    """Unpacks a module and the ones it depends on; one that is built into the kernel has no file."""
    file, at = files.get(module), home / f"{module}.ko"
    if file is None or at.exists():
        return
    at.write_bytes(_plain(file))
    for dependency in _depends(at.read_bytes()):
        _take(dependency, files, home)


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
