"""What one setting did to one workload, as KVM counted it."""

import json
from dataclasses import dataclass

import truth
from .common import Case

# Where fewer of the wakes than this had a halt of their own, or the share differed more between two recordings, the
# emulated machine did not keep up.
ANSWERED, APART = 0.75, 0.05


@dataclass(frozen=True)
class Measured:
    parameters: dict[str, int]
    # Halts a wake that was sent: an emulated machine that is busy answers several wakes in one.
    answered: float
    hit_rate: float
    poll_cpu_share: float
    # Summed over the halts, as a share of the vCPUs' time; from the trace, as KVM does not count it.
    latency_share: float

    def cost(self, latency_price: float) -> float:
        """Poll time and priced wake-up latency, as a share of the vCPUs' time: recordings differ in length."""
        return self.poll_cpu_share + latency_price * self.latency_share


def kept_up(*runs: Measured) -> bool:
    """Whether the emulated machine kept up in all of them alike."""
    answered = [run.answered for run in runs]
    return min(answered) >= ANSWERED and max(answered) - min(answered) <= APART


def measured(case: Case, name: str) -> Measured:
    words = case.file(f"{name}.parameters").read_text().split()
    report = case.polltrace.report(case.file(f"{name}.dat"))
    truths = truth.counted(case.file(f"{name}.json"))
    sent = sum(vcpu["wakes_sent"] for vcpu in json.loads(case.file(f"{name}.json").read_text())["vcpus"])
    total = lambda key: sum(one.counters[key] for one in truths)
    polled = total("halt_poll_success_ns") + total("halt_poll_fail_ns")
    halts = report["total"]["halts"]
    time = report["trace"][0]["duration_ns"] * len(report["vcpus"])
    return Measured(dict(zip(words[::2], map(int, words[1::2]))), halts / sent, total("halt_successful_poll") / halts,
                    polled / time, report["total"]["wake_latency_ns"]["sum"] / time)
