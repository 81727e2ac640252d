"""What one setting did to one workload, as KVM counted it."""

import json
from dataclasses import dataclass

import truth
from .common import Case


@dataclass(frozen=True)
class Measured:
    parameters: dict[str, int]
    # Halts a wake that was sent: an emulated machine that is busy answers several wakes in one.
    answered: float
    hit_rate: float
    poll_cpu_share: float


def measured(case: Case, name: str) -> Measured:
    words = case.file(f"{name}.parameters").read_text().split()
    report = case.polltrace.report(case.file(f"{name}.dat"))
    truths = truth.counted(case.file(f"{name}.json"))
    sent = sum(vcpu["wakes_sent"] for vcpu in json.loads(case.file(f"{name}.json").read_text())["vcpus"])
    total = lambda key: sum(one.counters[key] for one in truths)
    polled = total("halt_poll_success_ns") + total("halt_poll_fail_ns")
    halts = report["total"]["halts"]
    return Measured(dict(zip(words[::2], map(int, words[1::2]))), halts / sent, total("halt_successful_poll") / halts,
                    polled / (report["trace"][0]["duration_ns"] * len(report["vcpus"])))
