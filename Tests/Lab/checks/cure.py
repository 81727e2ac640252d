"""The recommended setting was set: what it then cost, what was predicted, what the kernel's default costs.

Costs are the recommendation's own, poll time and priced wake-up latency, a second of a vCPU. Poll time is as KVM
counted it.
"""

import json
from dataclasses import dataclass

from .common import Case
from .measured import Measured, kept_up, measured
from rows import Failed, Skipped, expect


@dataclass(frozen=True)
class Cure:
    """A recommendation, and the three recordings that judge it."""

    predicted: float
    low: float
    high: float
    latency_price: float
    # What it was made from, what it led to, and the default right behind that.
    ill: Measured
    cured: Measured
    default: Measured

    def cost(self, run: Measured) -> float:
        return run.cost(self.latency_price)


def as_predicted(case: Case, workload: str) -> str:
    """Fails where the measured cost leaves the predicted interval."""
    cure = _cure(case, workload)
    cost = cure.cost(cure.cured)
    text = (f"{' '.join(map(str, cure.cured.parameters.values()))} costs {_ms(cost)} a second of a vCPU, predicted"
            f" {_ms(cure.predicted)} ({_ms(cure.low)} to {_ms(cure.high)}), before {_ms(cure.cost(cure.ill))};"
            f" hit rate {cure.ill.hit_rate:.1%} -> {cure.cured.hit_rate:.1%},"
            f" poll CPU {cure.ill.poll_cpu_share:.1%} -> {cure.cured.poll_cpu_share:.1%}")
    _judge_only_if_kept_up(text, cure.ill, cure.cured)
    expect(cure.low <= cost <= cure.high, f"outside its interval: {text}")
    return text


def no_worse_than_default(case: Case, workload: str) -> str:
    """Fails where it costs more than the default, by more than the prediction may be too low."""
    cure = _cure(case, workload)
    cost, default, doubt = cure.cost(cure.cured), cure.cost(cure.default), cure.high - cure.predicted
    text = f"{_ms(cost)} a second of a vCPU, the default {_ms(default)}; the prediction allows {_ms(doubt)} more"
    _judge_only_if_kept_up(text, cure.default, cure.cured)
    expect(cost <= default + doubt, f"worse: {text}")
    return text


def _cure(case: Case, workload: str) -> Cure:
    code = case.exit_code(f"recommend-{workload}")
    expect(code in (0, 2), f"polltrace recommend ended with {code}")
    answer = json.loads(case.file(f"recommend-{workload}.json").read_text())
    if answer["verdict"] != "change":
        raise Skipped(f"no cure to judge, the verdict is {answer['verdict']}: {answer['why_not']}")
    ill, cured, default = (measured(case, f"{name}-{workload}") for name in ("big", "recommended", "default-again"))
    setting = {name: answer["recommended"]["parameters"][name] for name in cured.parameters}
    if cured.parameters != setting:
        raise Failed(f"recommended {setting}, set {cured.parameters}")
    predicted, time = answer["recommended"]["predicted"], answer["evidence"]["duration_ns"]
    costs = (predicted[key] / time for key in ("cost_ns", "cost_ns_low", "cost_ns_high"))
    return Cure(*costs, answer["constraint"]["latency_price"], ill, cured, default)


def _judge_only_if_kept_up(text: str, *runs: Measured) -> None:
    if not kept_up(*runs):
        shares = " and ".join(f"{run.answered:.0%}" for run in runs)
        raise Skipped(f"not judged, as {shares} of the wakes had a halt of their own: {text}")


def _ms(share: float) -> str:
    return f"{share * 1000:.1f} ms"
