"""Compares the recommended ceilings with the costs that were measured: best.json and folder measured of end-to-end.

Shown is the geometric mean, over rounds of blocks, of the recommended ceiling's cost of a halt over the best one's
(scripts/turns.py), with its standard error. A cost is per halt: a load whose halts are shorter where they are polled has more
of them.

Exit code: 0 each costs at most 5 % more than the best; 1 one costs more; 2 the machine was too noisy to tell: the standard
error exceeds 2.5 %.
"""

import glob
import json
import math
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import turns  # noqa: E402

# polltrace's objective balanced.
WEIGHT = 4


def measured(folder):
    """Logarithm of the cost of a halt in ns, by class, ceiling and round."""
    classes = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        label, seed, _ = os.path.basename(path).split(".")
        rows = path.removesuffix("json") + "csv"
        for ceiling, costs in turns.rounds(list(turns.blocks(path, rows))).items():
            logs = classes.setdefault(label, {}).setdefault(ceiling, {})
            for number, (polls, latency) in costs.items():
                logs[seed, number] = math.log(polls + WEIGHT * latency)
    return classes


def main():
    best = json.load(open(sys.argv[1]))["best"]
    classes = measured(sys.argv[2])
    failed = 0
    for row in best:
        label, mine = row["class"], classes.get(row["class"], {})
        if row["halt_poll_ns"] not in mine or len(mine[row["halt_poll_ns"]]) < 3:
            print(f"{label}: nothing measured or recommended")
            failed |= 1
            continue
        ratio, error = turns.over_best(mine, row["halt_poll_ns"])
        shown = ", ".join(f"{ceiling // 1000}: {math.exp(turns.mean(costs)) / 1e3:.1f}" for ceiling, costs in sorted(mine.items()))
        print(f"{label}: recommended {row['halt_poll_ns']} ({row['verdict']}, predicted {row['cost_ratio']:.3f} of now), costs "
              f"{ratio * 100:+.1f} % of the best in {len(mine[row['halt_poll_ns']])} rounds (standard error {error * 100:.1f} %); µs a halt by µs: {shown}")
        failed |= ratio > 0.05
        if error > 0.025:
            print(f"{label}: NOT MEASURED: the machine was too noisy")
            failed |= 2
    return 2 if failed & 2 else failed


if __name__ == "__main__":
    sys.exit(main())
