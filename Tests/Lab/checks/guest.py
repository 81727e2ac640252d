"""A real guest: names from QEMU, counts from KVM."""

import json
import re
from pathlib import Path

from .common import Case, nothing_left, recorded, sums
from .fixture import kept, small
import truth
from rows import expect

# From this version on QEMU holds its vCPUs' statistics open: Debian 13's does, 12's (7.2) does not.
HOLDS_STATISTICS = (8, 1)


def check(case: Case) -> None:
    case.check("the guest boots and does its work", lambda: _worked(case))
    if recorded(case, "web1", "QEMU with Linux"):
        # Two vCPUs share one CPU: the way from a poll's end to the switch is longer than most polls.
        case.check("QEMU with Linux: sums are debugfs's", lambda: sums(case, "web1.dat", "web1.counters", measured=False))
        case.check("QEMU with Linux: VM and vCPUs are named", lambda: _named(case))
        case.check("QEMU with Linux: top shows KVM's own counters", lambda: _counted(case))
    # In one second every halt may be shorter than the window: then nothing is decided.
    if recorded(case, "fixture", "web1 by its name", decides=False):
        case.check("web1 by its name: is small", lambda: small(case))
    nothing_left(case)


def _counted(case: Case) -> str:
    lines = [json.loads(line) for line in case.file("top.out").read_text().splitlines()]
    vm, = (line for line in lines if line["type"] == "vm")
    version = tuple(map(int, re.search(r"version (\d+)\.(\d+)", case.file("qemu.version").read_text()).groups()))
    expected = "counters" if version >= HOLDS_STATISTICS else "debugfs"
    expect(vm["source"] == expected, f"source {vm['source']}, not {expected}: {vm['lack']}")
    expect(expected == "counters" or "QEMU" in vm["remedy"], f"remedy {vm['remedy']}")
    sums = truth.debugfs(case.file("web1.counters"))
    wrong = {name: (value, sums[name]) for name, value in vm["counters"].items()
             if isinstance(value, int) and value != sums[name]}
    expect(not wrong, f"counters differ from debugfs: {wrong}")
    vcpus = [line for line in lines if line["type"] == "vcpu"]
    expect(len(vcpus) == (2 if expected == "counters" else 0), f"{len(vcpus)} vCPUs")
    for name in ("halt_attempted_poll", "halt_wait_ns") if vcpus else ():
        expect(sum(vcpu["counters"][name] for vcpu in vcpus) == sums[name], f"vCPUs' {name} is not the VM's")
    return f"from {vm['source']} of QEMU {version[0]}.{version[1]}, {sums['halt_attempted_poll']} polls"


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
