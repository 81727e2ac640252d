"""Compares the recommended ceilings with the costs that were measured: best.json and measured of end-to-end.

A ceiling's cost is the median over rounds of the cost of a halt: a load whose halts are shorter where they are polled has
more of them. Exit code: 0 each costs at most 5 % more than the best of the measured ones; 1 one costs more; 2 the machine was
too busy to tell: rounds of one class and ceiling did not get the same number of wakes seen.
"""

import csv
import json
import statistics
import sys

# polltrace's objective balanced.
WEIGHT = 4


def measured(path):
    """Cost of a halt in ns, and halts a second, by class and ceiling: one of each a round."""
    rounds = {}
    with open(path) as file:
        for line in file:
            label, ceiling, _, table = line.rstrip("\n").split(" ", 3)
            cost = time = halts = 0
            for row in csv.DictReader(table.strip("|").split("|")):
                if int(row["halts"]) == 0:
                    continue
                # Wakings are recorded of halts that slept; one that polled is seen in 300 ns, as in a replay.
                share = int(row["waited"]) / max(1, int(row["wake_latency_ns_count"]))
                latency = int(row["wake_latency_ns_sum"]) * share + 300 * int(row["polled"])
                cost += int(row["halt_poll_success_ns"]) + int(row["halt_poll_fail_ns"]) + WEIGHT * latency
                time += int(row["duration_ns"])
                halts += int(row["halts"])
            if halts:
                rounds.setdefault((label, int(ceiling)), []).append((cost / halts, halts / time * 1e9))
    return rounds


def main():
    best = json.load(open(sys.argv[1]))["best"]
    rounds = measured(sys.argv[2])
    failed = 0
    for row in best:
        mine = {ceiling: statistics.median(cost for cost, _ in each)
                for (label, ceiling), each in rounds.items() if label == row["class"]}
        if row["halt_poll_ns"] not in mine:
            print(f"{row['class']}: nothing measured or recommended")
            failed = 1
            continue
        least = min(mine, key=mine.get)
        ratio = mine[row["halt_poll_ns"]] / mine[least]
        shown = ", ".join(f"{ceiling // 1000}: {cost / 1e3:.2f}" for ceiling, cost in sorted(mine.items()))
        print(f"{row['class']}: recommended {row['halt_poll_ns']} ({row['verdict']}, predicted {row['cost_ratio']:.3f} of now), "
              f"costs {(ratio - 1) * 100:+.1f} % of the best measured, {least}; µs a halt by µs: {shown}")
        spread = statistics.median(
            max(cost for cost, _ in each) / min(cost for cost, _ in each) - 1
            for (label, _), each in rounds.items() if label == row["class"])
        print(f"{row['class']}: from round to round the cost of one ceiling differs by {spread * 100:.1f} % (median)")
        for (label, ceiling), each in sorted(rounds.items()):
            rates = [rate for _, rate in each]
            if label == row["class"] and min(rates) < 0.8 * max(rates):
                print(f"{label}: NOT MEASURED: at {ceiling} {min(rates):.0f} to {max(rates):.0f} halts a second: "
                      "the machine was too busy")
                failed |= 2
        failed |= ratio > 1.05
    return 2 if failed & 2 else failed


if __name__ == "__main__":
    sys.exit(main())
