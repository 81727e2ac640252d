"""What ceilings cost that one VM had in turn, block by block (haltload --ceiling A --ceiling B --block TIME), in rounds of one
block of each: a machine's wake-up latencies drift within a second, and a round's blocks meet the same ones."""

import bisect
import csv
import json
import math
import statistics


def blocks(stats, rows):
    """The ceiling, ns in polls, ns of wake-up latency and halts of each block of one VM, in order, from when the windows had
    followed its ceiling.

    `stats` is haltload's JSON, which has KVM's own counts of the time in polls: windows are not followed where a VM's limit
    changes. `rows` is what polltrace export --to csv prints. Halts that do not show their latency count as those that do.
    """
    with open(stats) as file:
        begun = [block for block in json.load(file)["vm"]["ceilings"] if block["end"]]
    if not all(block["end"]["polled_ns"] is not None for block in begun):
        raise SystemExit(f"{stats}: no statistics of KVM's: they came with Linux 5.14")
    starts = [block["settled"]["mono_ns"] for block in begun]
    ends = [block["end"]["mono_ns"] for block in begun]
    polled, waits, waited, seen = ([0] * len(begun) for _ in range(4))
    with open(rows) as file:
        for row in csv.DictReader(file):
            woke = int(row["woke_ns"])
            block = bisect.bisect(starts, woke) - 1
            if block < 0 or woke >= ends[block]:
                continue
            if row["ending"] == "polled":
                polled[block] += 1
            else:
                waited[block] += 1
                if row["wake_latency_ns"]:
                    seen[block] += 1
                    waits[block] += int(row["wake_latency_ns"])
    for number, block in enumerate(begun):
        scale = waited[number] / seen[number] if seen[number] else 1
        # A poll sees its event in 300 ns, as in a replay.
        latency = scale * waits[number] + 300 * polled[number]
        polls = block["end"]["polled_ns"] - block["settled"]["polled_ns"]
        yield block["ceiling_ns"], polls, latency, polled[number] + waited[number]


def rounds(all_blocks):
    """By ceiling and round: ns in polls and ns of latency of a halt, of the rounds with 30 halts or more in each block."""
    size = len({ceiling for ceiling, *_ in all_blocks})
    each = {}
    for number, (ceiling, polls, latency, halts) in enumerate(all_blocks):
        # Blocks at both ends were hardly recorded.
        if halts >= 30:
            each.setdefault(ceiling, {})[number // size] = (polls / halts, latency / halts)
    whole = set.intersection(*(set(costs) for costs in each.values())) if each else set()
    return {ceiling: {number: costs[number] for number in sorted(whole)} for ceiling, costs in each.items()}


def mean(costs, without=None):
    return statistics.mean(cost for number, cost in costs.items() if number != without)


def over_best(costs, mine):
    """How far the cost of `mine` lies above the best one's, as a share of that (geometric mean over rounds), and its standard
    error; `costs` are logarithms by ceiling and round. The best one of a round is the one with the least mean of the other
    rounds: the least of several noisy costs would lie below the truth."""
    extra = []
    for number in costs[mine]:
        best = min(costs, key=lambda ceiling: mean(costs[ceiling], number))
        extra.append(costs[mine][number] - costs[best][number])
    return math.exp(statistics.mean(extra)) - 1, statistics.stdev(extra) / math.sqrt(len(extra))
