"""What one setting did to one workload, as KVM counted it."""

from dataclasses import dataclass

import truth
from .common import Case
from rows import Skipped


@dataclass(frozen=True)
class Measured:
    parameters: dict[str, int]
    halts: int
    hit_rate: float
    poll_cpu_share: float


def measured(case: Case, name: str) -> Measured:
    words = case.file(f"{name}.parameters").read_text().split()
    report = case.polltrace.report(case.file(f"{name}.dat"))
    try:
        counted = truth.vcpus(case.file(f"{name}.json"))
    except Skipped:
        # Before 5.14 only the reconstruction is there; another check holds it against debugfs.
        counted = [vcpu["kernel_counters"] for vcpu in report["vcpus"]]
    total = lambda key: sum(vcpu[key] for vcpu in counted)
    polled = total("halt_poll_success_ns") + total("halt_poll_fail_ns")
    halts = report["total"]["halts"]
    return Measured(dict(zip(words[::2], map(int, words[1::2]))), halts, total("halt_successful_poll") / halts,
                    polled / (report["trace"][0]["duration_ns"] * len(counted)))
