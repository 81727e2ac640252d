"""A guest's halts beside those that its host recorded, on two clocks that differ by what nobody has written down."""

import bisect
import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from polltrace import Polltrace
from rows import expect

# What a guest's halt is longer than the host's: the way to the host and back, emulated twice over.
AROUND_NS = 5_000_000
# So many of a CPU's longest halts tell by how much the clocks differ.
LONGEST = 50
# The two clocks run apart by so little in a recording.
DRIFT_NS = 200_000


@dataclass(frozen=True)
class HostHalt:
    began: int
    woke: int
    poll: str


def host_halts(polltrace: Polltrace, trace: Path) -> dict[int, list[HostHalt]]:
    """A host's halts by vCPU, as polltrace exports them."""
    answer = polltrace.run("export", trace, "--to", "csv", "-o", "-")
    expect(answer.code in (0, 2), f"polltrace export: {answer.errors.strip()}")
    found = defaultdict(list)
    for row in csv.DictReader(answer.output.splitlines()):
        found[int(row["vcpu"])].append(HostHalt(int(row["began_ns"]), int(row["woke_ns"]), row["poll"]))
    return found


def offset(host: dict[int, list[HostHalt]], guest: dict[int, list[tuple[int, int]]]) -> int:
    """The guest's clock less the host's: that at which most of the guest's longest halts have one of the host's inside.

    One that lies inside bounds it on both sides; it is where most of these bounds overlap.
    """
    edges: list[tuple[int, int]] = []
    for cpu, halts in guest.items():
        for begin, end in sorted(halts, key=lambda halt: halt[0] - halt[1])[:LONGEST]:
            for halt in host[cpu]:
                if 0 <= (end - begin) - (halt.woke - halt.began) <= AROUND_NS:
                    edges += [(begin - halt.began, 1), (end - halt.woke, -1)]
    expect(bool(edges), "no halt of the host's is as long as one of the guest's")
    edges.sort(key=lambda edge: (edge[0], -edge[1]))
    depth = best = 0
    low = high = edges[0][0]
    for place, (at, step) in enumerate(edges):
        depth += step
        if depth > best:
            best, low, high = depth, at, edges[place + 1][0]
    return (low + high) // 2


@dataclass(frozen=True)
class Agreement:
    """Of the halts in the span of the guest's recording: those on each side, and those without one on the other."""

    guest: int
    host: int
    guest_alone: int
    host_alone: int
    host_polled: int


def agreement(host: list[HostHalt], guest: list[tuple[int, int]], offset: int) -> Agreement:
    """Compares one CPU's halts, of which the guest's are (begin, end) in order."""
    first, last = guest[0][0] - offset, guest[-1][1] - offset
    meanwhile = [halt for halt in host if first <= halt.began and halt.woke <= last]
    begins = [begin for begin, _ in guest]
    found, alone = set(), 0
    for halt in meanwhile:
        # The last of the guest's that begins before it.
        place = bisect.bisect_right(begins, halt.began + offset + DRIFT_NS) - 1
        if place >= 0 and halt.woke + offset <= guest[place][1] + DRIFT_NS:
            found.add(place)
        else:
            alone += 1
    return Agreement(len(guest), len(meanwhile), len(guest) - len(found), alone,
                     sum(halt.poll != "none" for halt in meanwhile))
