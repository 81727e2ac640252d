"""The scenarios: what each boots, what it takes along, what its results have to show."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import contents
from boot import MACHINES, Boot, boot
from initramfs import Initramfs
from kernels import DISK, Kernel

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Scenario:
    """A script that runs inside and the checks on what it brings back."""

    name: str
    contents: Callable[[Initramfs, Kernel, list[Path]], None] = contents.usual
    cpus: int = 2
    memory: str = "1G"
    seconds: int = 180
    # Versions it is for; all where empty.
    kernels: tuple[str, ...] = ()
    architecture: str = "amd64"
    # Whether the machine has a disk that outlasts resets, which it sees in place of KVM's modules.
    disk: bool = False

    def fits(self, kernel: Kernel) -> bool:
        return self.architecture == kernel.architecture and (not self.kernels or kernel.version in self.kernels)

    def run(self, kernel: Kernel, programs: list[Path], into: Path) -> Boot:
        """Boots a kernel with this scenario in it."""
        machine, tree = MACHINES[self.architecture], Initramfs()
        self.contents(tree, kernel, programs)
        tree.file("/init", (HERE / "guest/init").read_bytes(), 0o755)
        tree.copy(HERE / "guest/lib.sh", "/lab/lib.sh")
        tree.copy(HERE / f"guest/{self.name}.sh", "/lab/scenario.sh")
        tree.file("/lab/port", machine.port + "\n")
        # Early enough that what there is by then still comes back.
        tree.file("/lab/seconds", f"{self.seconds}\n")
        modules = kernel.modules(DISK) if self.disk else kernel.kvm
        for module in modules:
            tree.copy(module, f"/modules/{module.name}")
        tree.file("/modules/order", "".join(f"{module.name}\n" for module in modules))
        initramfs = tree.write(into / "initramfs")
        disk = contents.disk(into / "disk") if self.disk else None
        return boot(machine, kernel.image, initramfs, into, self.cpus, self.memory, self.seconds + 60, disk)

    def check(self, case) -> None:
        self._checks.check(case)

    @property
    def keep(self) -> Callable[[Path, str], str] | None:
        """Puts the results among the fixtures of the tests, where the scenario is for that."""
        return getattr(self._checks, "keep", None)

    @property
    def _checks(self) -> ModuleType:
        return importlib.import_module(f"checks.{self.name}")


ALL = [
    Scenario("record"),
    Scenario("beside"),
    Scenario("changes"),
    Scenario("damage"),
    Scenario("settings", seconds=300),
    Scenario("trial", seconds=500),
    Scenario("apply", contents.with_modprobe, seconds=300, disk=True),
    Scenario("formats", contents.with_perf),
    # It needs quiet minutes; what recording costs is much the same on all.
    Scenario("cost", seconds=400, kernels=("6.1", "6.12")),
    Scenario("fixture"),
    # Emulated twice over, so once is enough; on two CPUs, emulated interrupts go astray between them.
    Scenario("guest", contents.with_guest, cpus=1, memory="3G", seconds=300, kernels=("6.1", "6.12")),
    Scenario("haltpoll", contents.with_polling_guest, cpus=1, memory="3G", seconds=300, kernels=("6.1", "6.12")),
    Scenario("arm64", contents.arm64, architecture="arm64"),
]
