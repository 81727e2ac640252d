"""What the lab needs from the machine, and the command that brings it."""

import shutil
from pathlib import Path

# Program or file: Debian package.
EVERYWHERE = {
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
    "trace-cmd": "trace-cmd",
    "xz": "xz-utils",
    "zstd": "zstd",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
BY_ARCHITECTURE = {
    "amd64": {"qemu-system-x86_64": "qemu-system-x86", "/usr/share/qemu/qboot.rom": "qemu-system-data",
              "/bin/busybox": "busybox-static", "/usr/sbin/mke2fs": "e2fsprogs", "/usr/bin/kmod": "kmod",
              "/usr/bin/strace": "strace"},
    "arm64": {"qemu-system-aarch64": "qemu-system-arm", "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
              "/usr/aarch64-linux-gnu/lib/libc.a": "libc6-dev-arm64-cross"},
}


def missing(architectures: set[str], binaries: list[Path]) -> list[str]:
    """A line for each thing to do before the lab can start."""
    needed = dict(EVERYWHERE)
    for architecture in architectures:
        needed |= BY_ARCHITECTURE[architecture]
    packages = sorted({package for thing, package in needed.items() if shutil.which(thing) is None and not Path(thing).exists()})
    lines = [f"lab: apt-get install --no-install-recommends {' '.join(packages)}"] if packages else []
    return lines + [f"lab: no {file}: build it first (make)" for file in binaries if not file.exists()]
