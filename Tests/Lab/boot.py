"""One boot of an emulated machine: console in a log, results back as a tar, an end in any case."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """How one architecture is emulated, and which of its serial ports is which."""

    command: list[str]
    console: str
    port: str
    port_device: list[str]
    parameters: str = ""


MACHINES = {
    # One thread for all CPUs: with one each, nested SVM lets newer kernels oops. A trusted TSC spares reading the HPET,
    # a slow device, at every turn of a poll loop.
    "amd64": Machine(["qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "EPYC,+svm,+npt"],
                     "ttyS0", "/dev/ttyS1", ["-serial", "chardev:results"], "tsc=reliable"),
    "arm64": Machine(["qemu-system-aarch64", "-M", "virt,virtualization=on,gic-version=3", "-accel", "tcg,thread=single",
                      "-cpu", "cortex-a57"],
                     "ttyAMA0", "/dev/ttyS0", ["-device", "pci-serial,chardev=results"]),
}
BROKEN = re.compile(r"left the guest for reason 17|left with reason")
TROUBLE = re.compile(r"Kernel panic|Oops|BUG:|general protection|soft lockup|rcu.*stall|Unable to handle|Call Trace")


@dataclass(frozen=True)
class Boot:
    """What came of it."""

    seconds: float
    console: str
    results: Path
    problem: str | None
    # Whether it never came to its end, though it ends by itself a minute earlier whatever runs in it.
    stood_still: bool = False

    @property
    def trouble(self) -> list[str]:
        """Lines in which the kernel complained."""
        return [line.strip() for line in self.console.splitlines() if TROUBLE.search(line)]

    @property
    def broken(self) -> str | None:
        """What the emulator did to it: it stood still as a whole, which no process in it brings about (a CPU taken
        offline does, now and then), or it broke the guest of a workload, which says so:
        KVM_EXIT_INTERNAL_ERROR, on 7.2 above all, or on arm64 any exit, as its guest does nothing that makes one."""
        if self.stood_still:
            return f"the emulated machine stood still: {self.problem}"
        texts = (file.read_text(errors="replace") for file in sorted(self.results.glob("*")) if file.suffix in (".err", ".log"))
        return next((line for text in texts for line in text.splitlines() if BROKEN.search(line)), None)


def boot(machine: Machine, image: Path, initramfs: Path, into: Path, cpus: int, memory: str, timeout: float,
         disk: Path | None = None) -> Boot:
    """Boots, waits for the machine to switch itself off and unpacks what it sent.

    One with a disk boots again when it is reset, and any other ends there."""
    console, raw = into / "console.log", into / "results.tar.gz"
    parameters = f"console={machine.console} rdinit=/init panic=-1 random.trust_cpu=on mitigations=off {machine.parameters}"
    command = machine.command + [
        "-smp", str(cpus), "-m", memory, "-nodefaults", "-no-user-config", "-display", "none",
        "-kernel", str(image), "-initrd", str(initramfs), "-append", parameters.strip(),
        "-serial", f"file:{console}", "-chardev", f"file,id=results,path={raw}", *machine.port_device,
    ]
    # What the machine has not brought to its disk when it is reset is lost, however this one keeps it.
    command += ["-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"] if disk else ["-no-reboot"]
    began, stood_still = time.monotonic(), False
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        complaints = [line for line in done.stderr.splitlines() if "warning:" not in line]
        problem = None if done.returncode == 0 else f"QEMU ended with {done.returncode}: {' '.join(complaints)}"
    except subprocess.TimeoutExpired:
        problem, stood_still = f"not finished after {timeout:.0f} s", True
    seconds = time.monotonic() - began
    # One archive a boot.
    unpacked = subprocess.run(["tar", "-xzf", raw, "--ignore-zeros", "-C", into], capture_output=True, text=True)
    if unpacked.returncode != 0:
        problem = problem or f"no results came back: {unpacked.stderr.strip().splitlines()[0]}"
    for spent in filter(None, [initramfs, raw, disk]):
        spent.unlink(missing_ok=True)
    return Boot(seconds, console.read_text(errors="replace") if console.exists() else "", into, problem, stood_still)
