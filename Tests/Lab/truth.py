"""What KVM itself counted, as haltload writes it or as debugfs shows it."""

import json
from dataclasses import dataclass
from pathlib import Path

from rows import Failed

EXACT = ["halt_attempted_poll", "halt_poll_invalid"]
SUCCESSFUL = "halt_successful_poll"
# KVM takes a poll's last stamp one turn of its loop before the one it traces; emulated, a turn takes 1 to 2 us.
LOOP_TURN_NS = 2000
# The end of a failed poll is not traced, only the switch that follows; emulated, the way there takes 12 us in the median.
WAY_NS = 12_000
# A wake-up between a poll's end and schedule() counts as polled; how much of that halt was polling no event tells. It
# only adds: so much where KVM has no histogram (5.14) that says which polls were longer than any of its own.
LATE_NS = 500_000
# An emulated CPU stands still for so long; in the middle of a poll, KVM counts it as polled.
STALL_NS = 10_000_000
# Relative error allowed beside that of what is traced; what is measured from the switch may be this many times off.
TRACED, TIMES_OFF = 0.02, 2
# Of this one alone: the others follow from what failed polls are measured to be.
HISTOGRAM = "halt_poll_success_hist"
FAILED_HISTOGRAM = "halt_poll_fail_hist"
# A turn may carry a poll over the edge of its bucket: 2 us behind an edge lie about 7 % of polls of 30 to 120 us. How many
# of few polls do is left to chance: three standard deviations more.
MOVED, DEVIATIONS = 0.07, 3


@dataclass(frozen=True)
class Counted:
    """What KVM counted of one vCPU, or before Linux 5.14 of a VM's vCPUs together."""

    who: str
    # The id of each vCPU by its thread.
    vcpus: dict[int, int]
    counters: dict

    def rebuilt(self, report: dict) -> dict:
        """The same as polltrace rebuilt it: its counters, added up."""
        parts = [vcpu["kernel_counters"] for vcpu in report["vcpus"] if vcpu["tid"] in self.vcpus]
        if len(parts) == 1:
            return parts[0]
        return {name: sum(part[name] for part in parts) for name in parts[0] if not isinstance(parts[0][name], list)}


def counted(*stats: Path) -> list[Counted]:
    """The truth of one or more VMs."""
    found = []
    for file in stats:
        vm = json.loads(file.read_text())
        if vm["vm"].get("sums"):
            tids = {vcpu["tid"]: vcpu["vcpu"] for vcpu in vm["vcpus"]}
            found.append(Counted(f"VM {vm['vm']['pid']}", tids, vm["vm"]["sums"]))
        else:
            found += [Counted(f"vCPU {vcpu['vcpu']} (thread {vcpu['tid']})", {vcpu["tid"]: vcpu["vcpu"]}, vcpu)
                      for vcpu in vm["vcpus"]]
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


def differences(rebuilt: dict, counted: dict, kernel: str, measured: bool = True, slack: int = 0) -> list[str]:
    """Where rebuilt counters leave what KVM counted further than is allowed.

    `measured` says whether failed polls were: they are where scheduler events were recorded. `slack` is how many polls
    may be missing or too many.
    """
    found = []
    for name in EXACT:
        if abs(rebuilt[name] - counted[name]) > slack:
            found.append(f"{name} {rebuilt[name]}, KVM counted {counted[name]}")
    found += _successes(rebuilt[SUCCESSFUL], counted[SUCCESSFUL], kernel, slack)
    for name, (least, most) in _bounds(counted, rebuilt, measured).items():
        if not least <= rebuilt[name] <= most:
            found.append(f"{name} {rebuilt[name]}, KVM counted {counted[name]} ({_error(rebuilt, counted, name)})")
    if isinstance(counted.get(HISTOGRAM), list):
        moved = sum(abs(a - b) for a, b in zip(rebuilt[HISTOGRAM], counted[HISTOGRAM])) / 2
        expected = MOVED * sum(counted[HISTOGRAM])
        if moved > expected + DEVIATIONS * expected ** 0.5:
            found.append(f"{HISTOGRAM}: {moved:.0f} of {sum(counted[HISTOGRAM])} in other buckets")
    return found


def _successes(rebuilt: int, counted: int, kernel: str, slack: int) -> list[str]:
    """Before Linux 5.17 KVM did not count a wake-up that came after the poll and before schedule().

    Where the poll was given up early such a halt looks like a success, and where the clock's first two readings lie far
    apart a success looks like such a halt: emulated, up to half a us.
    """
    if tuple(map(int, kernel.split("."))) < (5, 17):
        least, most = counted - 2 - slack, float("inf")
    else:
        least, most = counted - slack, counted + slack
    return [] if least <= rebuilt <= most else [f"{SUCCESSFUL} {rebuilt}, KVM counted {counted}"]


def _bounds(counted: dict, rebuilt: dict, measured: bool) -> dict[str, tuple[float, float]]:
    """Between which values in ns each time has to lie.

    Failed polls have no upper one: an emulated CPU stands still for milliseconds at a time, as long as hundreds of
    polls, and whether that was before a poll's end or behind it is known in the mean only. How far off they are is in
    the row. Nor does the lower one hold polls to which that happened.
    """
    tried = counted["halt_attempted_poll"]
    ways = (tried - counted["halt_successful_poll"]) * WAY_NS
    near = lambda value, slack: (value * (1 - TRACED) - slack, value * (1 + TRACED) + slack)
    polled = counted["halt_poll_success_ns"]
    turns = tried * LOOP_TURN_NS
    bounds = {"halt_poll_success_ns": (polled * (1 - TRACED) - turns, polled * TIMES_OFF + turns + _late(counted, rebuilt))}
    if measured:
        failed = counted["halt_poll_fail_ns"]
        bounds["halt_poll_fail_ns"] = (_least_failed(counted, rebuilt) - ways, float("inf"))
        # Linux 5.14 brought this one.
        if "halt_wait_ns" in counted:
            bounds["halt_wait_ns"] = near(counted["halt_wait_ns"], ways + max(failed, rebuilt["halt_poll_fail_ns"]))
    return bounds


def _late(counted: dict, rebuilt: dict) -> float:
    """What wake-ups behind their poll's end may add to the time in successful polls: those that are in buckets above all
    of KVM's, each at the most that its bucket holds. How many they may be is up to the histogram's own check."""
    polls, mine = counted.get(HISTOGRAM), rebuilt.get(HISTOGRAM)
    if not isinstance(polls, list) or not isinstance(mine, list):
        return LATE_NS
    longest = _longest(polls)
    return max(LATE_NS, sum(count * 2 ** bucket for bucket, count in enumerate(mine) if bucket > longest))


def _least_failed(counted: dict, rebuilt: dict) -> float:
    """Half the time in failed polls at least, without those in which the CPU stood still: where KVM has their histogram
    (5.14), they are in buckets above all of the rebuilt ones, whose windows are not that long."""
    half = counted["halt_poll_fail_ns"] / TIMES_OFF
    polls, mine = counted.get(FAILED_HISTOGRAM), rebuilt.get(FAILED_HISTOGRAM)
    if not isinstance(polls, list) or not isinstance(mine, list):
        return half - STALL_NS
    # Each at the least that its bucket holds.
    return min(half, sum(count * 2 ** (bucket - 1) for bucket, count in enumerate(polls[:_longest(mine) + 1]) if bucket > 0))


def _longest(histogram: list[int]) -> int:
    """The last bucket that holds any; 0 for none."""
    return max((bucket for bucket, count in enumerate(histogram) if count), default=0)


def agreement(pairs: list[tuple[dict, dict]], measured: bool = True) -> str:
    """What was compared, and how near the times came in sum."""
    rebuilt, counted = ({key: sum(part[key] for part in side if key in part) for key in _SUMMED if key in side[0]}
                        for side in zip(*pairs))
    successes = f"{counted[SUCCESSFUL]} successful"
    if rebuilt[SUCCESSFUL] != counted[SUCCESSFUL]:
        successes += f" ({rebuilt[SUCCESSFUL]} shown)"
    text = f"{counted['halt_attempted_poll']} polls, {successes}"
    times = [("successful", "halt_poll_success_ns")] + ([("failed", "halt_poll_fail_ns")] if measured else [])
    return text + "; time in " + ", ".join(f"{word} {_error(rebuilt, counted, name)}" for word, name in times)


_SUMMED = ["halt_attempted_poll", SUCCESSFUL, "halt_poll_success_ns", "halt_poll_fail_ns"]


def _error(rebuilt: dict, counted: dict, name: str) -> str:
    return f"{rebuilt[name] / counted[name] - 1:+.1%}" if counted[name] else f"{rebuilt[name]} ns of 0"
