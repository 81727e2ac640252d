"""What one setting did to one workload, as KVM counted it."""

from dataclasses import dataclass

import truth
from .common import Case


@dataclass(frozen=True)
class Measured:
    parameters: dict[str, int]
    halts: int
    hit_rate: float
    poll_cpu_share: float


def measured(case: Case, name: str) -> Measured:
    words = case.file(f"{name}.parameters").read_text().split()
    report = case.polltrace.report(case.file(f"{name}.dat"))
    truths = truth.counted(case.file(f"{name}.json"))
    total = lambda key: sum(one.counters[key] for one in truths)
    polled = total("halt_poll_success_ns") + total("halt_poll_fail_ns")
    halts = report["total"]["halts"]
    return Measured(dict(zip(words[::2], map(int, words[1::2]))), halts, total("halt_successful_poll") / halts,
                    polled / (report["trace"][0]["duration_ns"] * len(report["vcpus"])))
