"""Every setting predicted from every other, against what KVM then counted."""

from dataclasses import dataclass
from itertools import permutations

from .common import Case
from .measured import Measured, kept_up, measured
from rows import Skipped, expect

# The target: error of the hit rate, and of the poll CPU, absolute or as a share of itself.
TARGET = (0.03, 0.01, 0.10)
# What fails: the same, where the emulated machine kept up and the stated interval missed.
MISS = (0.10, 0.03, 0.35)


@dataclass(frozen=True)
class Prediction:
    source: str
    target: str
    predicted: dict[str, float]
    actual: Measured
    kept_up: bool

    @property
    def hit_error(self) -> float:
        return self.predicted["hit_rate"] - self.actual.hit_rate

    @property
    def cpu_error(self) -> float:
        return self.predicted["poll_cpu_share"] - self.actual.poll_cpu_share

    def within(self, limits: tuple[float, float, float]) -> bool:
        hits, points, share = limits
        return abs(self.hit_error) <= hits and abs(self.cpu_error) <= max(points, share * self.actual.poll_cpu_share)

    @property
    def near(self) -> bool:
        return self.within(TARGET)

    @property
    def inside(self) -> bool:
        """The measured values lie in the stated intervals."""
        return all(self.predicted[f"{key}_low"] <= getattr(self.actual, key) <= self.predicted[f"{key}_high"]
                   for key in ("hit_rate", "poll_cpu_share"))

    @property
    def line(self) -> str:
        notes = [note for note, holds in [("near", self.near), ("in its interval", self.inside),
                                          ("not kept up", not self.kept_up)] if holds]
        return (f"| {self.source} | {self.target} | {self.predicted['hit_rate']:.1%} | {self.actual.hit_rate:.1%}"
                f" | {self.predicted['poll_cpu_share']:.1%} | {self.actual.poll_cpu_share:.1%} | {', '.join(notes)} |")


def predictions(case: Case, workload: str, settings: list[str]) -> str:
    """Reports every pair's error; fails on one that is far off although the emulated machine kept up."""
    if not case.polltrace.has("replay"):
        raise Skipped("not checked: replay is not available")
    actual = {setting: measured(case, f"{setting}-{workload}") for setting in settings}
    made = [_prediction(case, workload, actual, *pair) for pair in permutations(settings, 2)]
    table = ["| from | of | hit rate predicted | counted | poll CPU predicted | counted | |", "|---|---|---|---|---|---|---|"]
    case.file(f"predictions-{workload}.md").write_text("\n".join(table + [p.line for p in made]) + "\n")
    wrong = [p for p in made if p.kept_up and not p.inside and not p.within(MISS)]
    worst = max(made, key=lambda p: (p.kept_up, abs(p.hit_error)))
    text = (f"{len(made)} pairs, {sum(p.near for p in made)} within the target, {sum(p.inside for p in made)} in their interval,"
            f" {sum(not p.kept_up for p in made)} where the machine did not keep up; worst hit rate"
            f" {worst.hit_error * 100:+.1f} points ({worst.target} from {worst.source})")
    expect(not wrong, f"{text}; far off: {', '.join(f'{p.target} from {p.source}' for p in wrong)}")
    return text


def _prediction(case: Case, workload: str, actual: dict[str, Measured], source: str, target: str) -> Prediction:
    options = [part for name, value in actual[target].parameters.items()
               for part in ("--halt-poll-ns" if name == "halt_poll_ns" else _option(name), str(value))]
    answer = case.polltrace.replay(case.file(f"{source}-{workload}.dat"), *options)
    return Prediction(source, target, answer["predicted"], actual[target], kept_up(actual[source], actual[target]))


def _option(name: str) -> str:
    """halt_poll_ns_grow_start: --grow-start."""
    return "--" + name.removeprefix("halt_poll_ns_").replace("_", "-")
