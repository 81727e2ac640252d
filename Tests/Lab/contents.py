"""What goes into an initramfs beside the scenario itself."""

import subprocess
from pathlib import Path

from bundles import bundle
from initramfs import Initramfs
from kernels import Kernel
from packages import CACHE

HERE = Path(__file__).resolve().parent
BUSYBOX, TRACE_CMD = Path("/bin/busybox"), Path("/usr/bin/trace-cmd")
QEMU, FIRMWARE = Path("/usr/bin/qemu-system-x86_64"), Path("/usr/share/qemu/qboot.rom")


def usual(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """The machine's own busybox and trace-cmd, and the programs under test."""
    for program in [BUSYBOX, TRACE_CMD, *programs]:
        tree.program(program)


def with_perf(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """And the perf of the kernel's own release."""
    usual(tree, kernel, programs)
    tree.bundle(bundle(kernel.suite, "linux-perf", "perf"))


def with_guest(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """And QEMU with a guest for it to run: the same kernel again, and busybox."""
    usual(tree, kernel, programs)
    tree.program(QEMU)
    tree.copy(FIRMWARE, f"/firmware/{FIRMWARE.name}")
    tree.copy(kernel.image, "/inner/vmlinuz")
    inner = Initramfs()
    inner.program(BUSYBOX)
    inner.file("/init", (HERE / "guest/inner/init").read_bytes(), 0o755)
    tree.file("/inner/initramfs", inner.archive())


def arm64(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """Debian's arm64 busybox and trace-cmd, and a workload compiled here."""
    # One a kernel: several are tried at once.
    workload = CACHE / f"haltload-{kernel.release}"
    subprocess.run(["aarch64-linux-gnu-gcc", "-O2", "-static", "-o", workload, HERE / "arm64/haltload.c", "-lm"], check=True)
    tree.program(workload, "haltload")
    tree.bundle(bundle(kernel.suite, "busybox-static", "busybox"))
    tree.bundle(bundle(kernel.suite, "trace-cmd", "trace-cmd"))
