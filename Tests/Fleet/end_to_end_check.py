"""Compares the recommended ceilings with the costs that were measured: best.json and folder measured of end-to-end.

A VM has each ceiling for a block of time, in rounds. The first fifth of a block is left out: the window follows the ceiling
in some halts. The best ceiling of a round is the one with the least cost of a halt in the other rounds, geometric mean: the
least of eight noisy costs would lie below the truth. The recommended ceiling's cost over that one's is taken round by round,
since a machine's wake-up latencies drift; shown is the geometric mean of the ratios, with its standard error. A cost is per
halt: a load whose halts are shorter where they are polled has more of them.

Exit code: 0 each costs at most 5 % more than the best; 1 one costs more; 2 the machine was too noisy to tell: the standard
error exceeds 2.5 %.
"""

import bisect
import csv
import glob
import json
import math
import os
import statistics
import sys

# polltrace's objective balanced.
WEIGHT = 4


def blocks(path):
    """Cost in ns and number of the halts of each block of one VM, in order, with its ceiling."""
    with open(path) as file:
        begun = [(block["since_mono_ns"], block["ceiling_ns"]) for block in json.load(file)["vm"]["ceilings"]]
    starts = [since for since, _ in begun]
    length = statistics.median(b - a for a, b in zip(starts, starts[1:]))
    polls, waits, waited, seen, halts = ([0] * len(begun) for _ in range(5))
    with open(path.removesuffix("json") + "csv") as file:
        for row in csv.DictReader(file):
            woke = int(row["woke_ns"])
            block = bisect.bisect(starts, woke) - 1
            if block < 0 or not starts[block] + 0.2 * length <= woke < starts[block] + length:
                continue
            halts[block] += 1
            polls[block] += int(row["poll_ns"] or 0)
            if row["ending"] == "polled":
                # Seen in 300 ns, as in a replay.
                waits[block] += 300
            else:
                waited[block] += 1
                if row["wake_latency_ns"]:
                    seen[block] += 1
                    waits[block] += int(row["wake_latency_ns"])
    for number, (_, ceiling) in enumerate(begun):
        scale = waited[number] / seen[number] if seen[number] else 1
        yield ceiling, polls[number] + WEIGHT * waits[number] * scale, halts[number]


def measured(folder):
    """Logarithm of the cost of a halt in ns, by class, ceiling and round."""
    rounds = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        label, seed, _ = os.path.basename(path).split(".")
        each = rounds.setdefault(label, {})
        all_blocks = list(blocks(path))
        size = len({ceiling for ceiling, _, _ in all_blocks})
        for number, (ceiling, cost, halts) in enumerate(all_blocks):
            # Blocks that were hardly recorded, at both ends.
            if halts >= 30 and cost > 0:
                each.setdefault(ceiling, {})[seed, number // size] = math.log(cost / halts)
    return rounds


def mean(costs, without=None):
    return statistics.mean(cost for number, cost in costs.items() if number != without)


def main():
    best = json.load(open(sys.argv[1]))["best"]
    rounds = measured(sys.argv[2])
    failed = 0
    for row in best:
        label, mine = row["class"], rounds.get(row["class"], {})
        numbers = sorted(set.intersection(*(set(costs) for costs in mine.values()))) if mine else []
        if row["halt_poll_ns"] not in mine or len(numbers) < 3:
            print(f"{label}: nothing measured or recommended")
            failed |= 1
            continue
        mine = {ceiling: {number: costs[number] for number in numbers} for ceiling, costs in mine.items()}
        extra = []
        for number in numbers:
            least = min(mine, key=lambda ceiling: mean(mine[ceiling], number))
            extra.append(mine[row["halt_poll_ns"]][number] - mine[least][number])
        ratio = math.exp(statistics.mean(extra)) - 1
        error = statistics.stdev(extra) / math.sqrt(len(extra))
        shown = ", ".join(f"{ceiling // 1000}: {math.exp(mean(costs)) / 1e3:.1f}" for ceiling, costs in sorted(mine.items()))
        print(f"{label}: recommended {row['halt_poll_ns']} ({row['verdict']}, predicted {row['cost_ratio']:.3f} of now), costs "
              f"{ratio * 100:+.1f} % of the best in {len(numbers)} rounds (standard error {error * 100:.1f} %); µs a halt by µs: {shown}")
        failed |= ratio > 0.05
        if error > 0.025:
            print(f"{label}: NOT MEASURED: the machine was too noisy")
            failed |= 2
    return 2 if failed & 2 else failed


if __name__ == "__main__":
    sys.exit(main())
