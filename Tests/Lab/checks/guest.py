"""A real guest: names from QEMU, counts from KVM."""

from pathlib import Path

from .common import Case, nothing_left, recorded, sums
from .fixture import kept, small
from rows import expect


def check(case: Case) -> None:
    case.check("the guest boots and does its work", lambda: _worked(case))
    if recorded(case, "web1", "QEMU with Linux"):
        # Two vCPUs share one CPU: the way from a poll's end to the switch is longer than most polls.
        case.check("QEMU with Linux: sums are debugfs's", lambda: sums(case, "web1.dat", "web1.counters", measured=False))
        case.check("QEMU with Linux: VM and vCPUs are named", lambda: _named(case))
    # In one second every halt may be shorter than the window: then nothing is decided.
    if recorded(case, "fixture", "web1 by its name", decides=False):
        case.check("web1 by its name: is small", lambda: small(case))
    nothing_left(case)


def keep(results: Path, version: str) -> str:
    """Puts the small recording among the fixtures."""
    return kept(results, "guest", "dat")


def _worked(case: Case) -> str:
    lines = [line for line in case.file("web1-console.log").read_text(errors="replace").splitlines() if "work done" in line]
    expect(bool(lines), "no end of its work on its console")
    return lines[0].strip()


def _named(case: Case) -> str:
    threads = dict(line.split(" ", 1) for line in case.file("web1.threads").read_text().splitlines())
    expected = {int(name[4:].split("/")[0]): int(tid) for tid, name in threads.items() if name.endswith("/KVM")}
    found = {vcpu["vcpu"]: vcpu["tid"] for vcpu in case.polltrace.report(case.file("web1.dat"))["vcpus"]}
    expect(found == expected, f"vCPUs and threads {found}, QEMU's are {expected}")
    names = {vcpu["vm"]["name"] for vcpu in case.polltrace.report(case.file("web1.dat"))["vcpus"]}
    expect(names == {"web1"}, f"VM is called {names}")
    return f"{len(found)} vCPUs of web1"
