"""What goes into an initramfs beside the scenario itself."""

import subprocess
from pathlib import Path

from bundles import bundle
from initramfs import Initramfs
from kernels import HALTPOLL, Kernel, kernel as found
from packages import CACHE

HERE = Path(__file__).resolve().parent
BUSYBOX, TRACE_CMD = Path("/bin/busybox"), Path("/usr/bin/trace-cmd")
KMOD, STRACE = Path("/usr/bin/kmod"), Path("/usr/bin/strace")
MKE2FS = Path("/usr/sbin/mke2fs")
FIRMWARE = Path("/usr/share/qemu/qboot.rom")


def usual(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """The machine's own busybox and trace-cmd, and the programs under test."""
    for program in [BUSYBOX, TRACE_CMD, *programs]:
        tree.program(program)


def with_perf(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """And the perf of the kernel's own release."""
    usual(tree, kernel, programs)
    tree.bundle(bundle(kernel.suite, "linux-perf", "perf"))


def with_modprobe(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """And KVM's modules for modprobe, which reads modprobe.d, and strace, which kills at a chosen system call."""
    usual(tree, kernel, [*programs, KMOD, STRACE])
    for name in ["modprobe", "depmod"]:
        tree.link(f"/sbin/{name}", f"/bin/{KMOD.name}")
    for module in kernel.kvm:
        tree.copy(module, f"/lib/modules/{kernel.release}/kernel/{module.name}")


def disk(path: Path) -> Path:
    """An empty disk with a file system."""
    with path.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run([MKE2FS, "-q", "-t", "ext4", path], check=True)
    return path


def with_guest(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """And QEMU with a guest for it to run: the same kernel again, and busybox."""
    usual(tree, kernel, programs)
    _guest(tree, kernel, kernel, "init", Initramfs())


def with_polling_guest(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """And a guest that can poll before it halts, with polltrace in it."""
    usual(tree, kernel, programs)
    inner = Initramfs()
    for program in programs:
        if program.name == "polltrace":
            inner.program(program)
    _guest(tree, kernel, found(HALTPOLL), "haltpoll", inner)


def _guest(tree: Initramfs, host: Kernel, kernel: Kernel, init: str, inner: Initramfs) -> None:
    """The QEMU of the host's release, and a guest for it: a kernel, busybox, and what `inner` has; `init` is its first
    process."""
    tree.bundle(bundle(host.suite, "qemu-system-x86", "qemu-system-x86_64"))
    tree.copy(FIRMWARE, f"/firmware/{FIRMWARE.name}")
    tree.copy(kernel.image, "/inner/vmlinuz")
    inner.program(BUSYBOX)
    inner.file("/init", (HERE / f"guest/inner/{init}").read_bytes(), 0o755)
    tree.file("/inner/initramfs", inner.archive())


def arm64(tree: Initramfs, kernel: Kernel, programs: list[Path]) -> None:
    """Debian's arm64 busybox and trace-cmd, and a workload compiled here."""
    # One a kernel: several are tried at once.
    workload = CACHE / f"haltload-{kernel.release}"
    subprocess.run(["aarch64-linux-gnu-gcc", "-O2", "-static", "-o", workload, HERE / "arm64/haltload.c", "-lm"], check=True)
    tree.program(workload, "haltload")
    tree.bundle(bundle(kernel.suite, "busybox-static", "busybox"))
    tree.bundle(bundle(kernel.suite, "trace-cmd", "trace-cmd"))
