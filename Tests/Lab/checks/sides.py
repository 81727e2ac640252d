"""A guest's halts beside those that its host recorded, on two clocks that differ by what nobody has written down."""

import bisect
import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from polltrace import Polltrace
from rows import expect

# A guest's halt is so much longer than the host's at most, for one that tells by how much the clocks differ: the way to the
# host and back, emulated twice over.
AROUND_NS = 5_000_000
# So many of a CPU's longest halts are asked.
LONGEST = 50
# The two clocks run apart by so little in a recording.
DRIFT_NS = 20_000

# Begin and end of a halt, in ns.
Halt = tuple[int, int]


def host_halts(polltrace: Polltrace, trace: Path) -> dict[int, list[Halt]]:
    """A host's halts by vCPU, in order, as polltrace exports them."""
    answer = polltrace.run("export", trace, "--to", "csv", "-o", "-")
    expect(answer.code in (0, 2), f"polltrace export: {answer.errors.strip()}")
    found = defaultdict(list)
    for row in csv.DictReader(answer.output.splitlines()):
        found[int(row["vcpu"])].append((int(row["began_ns"]), int(row["woke_ns"])))
    return found


def difference(host: dict[int, list[Halt]], guest: dict[int, list[Halt]]) -> int:
    """The guest's clock less the host's: that at which most of the guest's longest halts have one of the host's inside.

    One that lies inside bounds it on both sides; it is where most of these bounds overlap.
    """
    edges: list[tuple[int, int]] = []
    for cpu, halts in guest.items():
        for begin, end in sorted(halts, key=lambda halt: halt[0] - halt[1])[:LONGEST]:
            for began, woke in host[cpu]:
                if 0 <= (end - begin) - (woke - began) <= AROUND_NS:
                    edges += [(begin - began, 1), (end - woke, -1)]
    expect(bool(edges), "no halt of the host's is as long as one of the guest's")
    edges.sort(key=lambda edge: (edge[0], -edge[1]))
    depth = best = low = high = 0
    for place, (at, step) in enumerate(edges):
        depth += step
        if depth > best:
            best, low, high = depth, at, edges[place + 1][0]
    return (low + high) // 2


@dataclass(frozen=True)
class Sides:
    """One CPU's halts on both sides."""

    # Each of the guest's halts, and how long the host's in it were together; 0 where it has none.
    guest: list[tuple[Halt, int]]
    # How many of the host's there were meanwhile, and how many of these lie in none of the guest's.
    host: int
    host_alone: int

    @property
    def guest_alone(self) -> int:
        return sum(within == 0 for _, within in self.guest)


def sides(host: list[Halt], guest: list[Halt], difference: int) -> Sides:
    """Puts one CPU's halts side by side, where its clocks differ by so much."""
    moved = [(began + difference, woke + difference) for began, woke in host]
    meanwhile = [halt for halt in moved if guest[0][0] <= halt[0] and halt[1] <= guest[-1][1]]
    begins, within, alone = [begin for begin, _ in guest], defaultdict(int), 0
    for began, woke in meanwhile:
        # The last of the guest's that begins before it.
        place = bisect.bisect_right(begins, began + DRIFT_NS) - 1
        if place >= 0 and woke <= guest[place][1] + DRIFT_NS:
            # An empty one is one as well.
            within[place] += max(1, woke - began)
        else:
            alone += 1
    return Sides([(halt, within[place]) for place, halt in enumerate(guest)], len(meanwhile), alone)
