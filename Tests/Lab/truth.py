"""What KVM itself counted: binary statistics per vCPU as haltload writes them, and the sums in debugfs."""

import json
from pathlib import Path

from rows import Failed, Skipped

EXACT = ["halt_attempted_poll", "halt_successful_poll", "halt_poll_invalid"]
# KVM takes a poll's last stamp one turn of its loop before the one it traces; emulated, a turn takes 1 to 2 us.
LOOP_TURN_NS = 2000
# The end of a failed poll is not traced, only the switch that follows; emulated, the way there takes 12 us in the median.
WAY_NS = 12_000
# A wake-up between a poll's end and schedule() counts as polled; how much of that halt was polling no event tells.
LATE_NS = 500_000
# Relative error allowed beside that of what is traced; what is measured from the switch may be this many times off:
# one interruption of an emulated CPU lasts as long as a hundred polls.
TRACED, TIMES_OFF = 0.02, 2
# Of these two alone: what a failed poll's length decides follows from its error.
HISTOGRAMS = ["halt_poll_success_hist", "halt_wait_hist"]
# A turn may carry a value over the edge of its bucket; where polls are few, that is a large share.
MOVED = 0.10


def vcpus(*stats: Path) -> list[dict]:
    """The statistics of every vCPU of one or more VMs."""
    found = [vcpu for file in stats for vcpu in json.loads(file.read_text())["vcpus"]]
    if not all("halt_attempted_poll" in vcpu for vcpu in found):
        raise Skipped("this kernel has no binary statistics (Linux 5.14 brought them)")
    return found


def debugfs(file: Path) -> dict[str, int]:
    """Sums over all VMs of a file of "pid-fd/name value" lines."""
    sums: dict[str, int] = {}
    for line in file.read_text().splitlines():
        path, value = line.split()
        name = path.rpartition("/")[2]
        # A histogram's file shows its first bucket only.
        if not name.endswith("_hist"):
            sums[name] = sums.get(name, 0) + int(value)
    if not sums:
        raise Failed(f"{file.name} is empty: no VM was there when it was read")
    return sums


def differences(rebuilt: dict, counted: dict, measured: bool = True, slack: int = 0) -> list[str]:
    """Where rebuilt counters leave what KVM counted further than is allowed.

    `measured` says whether failed polls were: they are where scheduler events were recorded. `slack` is how many polls
    may be missing or too many.
    """
    found = []
    for name in EXACT:
        if name in counted and abs(rebuilt[name] - counted[name]) > slack:
            found.append(f"{name} {rebuilt[name]}, KVM counted {counted[name]}")
    for name, (least, most) in _bounds(counted, measured).items():
        if not least <= rebuilt[name] <= most:
            found.append(f"{name} {rebuilt[name]}, KVM counted {counted[name]} ({_error(rebuilt, counted, name)})")
    for name in HISTOGRAMS if measured else HISTOGRAMS[:1]:
        if isinstance(counted.get(name), list):
            moved = sum(abs(a - b) for a, b in zip(rebuilt[name], counted[name])) / 2
            if moved > max(3, MOVED * sum(counted[name])):
                found.append(f"{name}: {moved:.0f} of {sum(counted[name])} in other buckets")
    return found


def _bounds(counted: dict, measured: bool) -> dict[str, tuple[float, float]]:
    """Between which values in ns each time has to lie."""
    tried = counted["halt_attempted_poll"]
    ways = (tried - counted["halt_successful_poll"]) * WAY_NS
    near = lambda value, slack: (value * (1 - TRACED) - slack, value * (1 + TRACED) + slack)
    bounds = {"halt_poll_success_ns": near(counted["halt_poll_success_ns"], tried * LOOP_TURN_NS + LATE_NS)}
    if measured:
        failed = counted["halt_poll_fail_ns"]
        bounds["halt_poll_fail_ns"] = (failed / TIMES_OFF - ways, failed * TIMES_OFF + ways)
        # Linux 5.14 brought this one.
        if "halt_wait_ns" in counted:
            bounds["halt_wait_ns"] = near(counted["halt_wait_ns"], ways + failed)
    return bounds


def agreement(pairs: list[tuple[dict, dict]], measured: bool = True) -> str:
    """What was compared, and how near the times came in sum."""
    rebuilt, counted = ({key: sum(part[key] for part in side if key in part) for key in _SUMMED if key in side[0]}
                        for side in zip(*pairs))
    text = f"{counted['halt_attempted_poll']} polls, {counted['halt_successful_poll']} successful"
    times = [("successful", "halt_poll_success_ns")] + ([("failed", "halt_poll_fail_ns")] if measured else [])
    return text + "; time in " + ", ".join(f"{word} {_error(rebuilt, counted, name)}" for word, name in times)


_SUMMED = ["halt_attempted_poll", "halt_successful_poll", "halt_poll_success_ns", "halt_poll_fail_ns"]


def _error(rebuilt: dict, counted: dict, name: str) -> str:
    return f"{rebuilt[name] / counted[name] - 1:+.1%}" if counted[name] else f"{rebuilt[name]} ns of 0"
