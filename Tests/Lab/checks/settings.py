"""Five settings measured, the recommended one put to the test."""

from .common import Case, nothing_left, recorded_truly
from .measured import measured
from .predictions import predictions
from rows import Skipped, expect

SETTINGS = ["off", "small", "default", "middle", "big"]
WORKLOADS = ["random", "bimodal"]


def check(case: Case) -> None:
    for workload in WORKLOADS:
        for setting in SETTINGS:
            recorded_truly(case, f"{setting}-{workload}", f"{workload}, {setting}", decides=setting != "off")
        case.check(f"{workload}: predictions", lambda: predictions(case, workload, SETTINGS))
        case.check(f"{workload}: the recommended setting", lambda: _recommended(case, workload))
    nothing_left(case)


def _recommended(case: Case, workload: str) -> str:
    if not case.polltrace.has("recommend"):
        raise Skipped("not checked: recommend is not available")
    code = case.exit_code(f"recommend-{workload}")
    expect(code in (0, 2), f"polltrace recommend ended with {code}")
    before, after = (measured(case, f"{name}-{workload}") for name in ("default", "recommended"))
    if before.parameters == after.parameters:
        return "keep what you have"
    return (f"{' '.join(map(str, after.parameters.values()))}: hit rate {before.hit_rate:.1%} -> {after.hit_rate:.1%},"
            f" poll CPU {before.poll_cpu_share:.1%} -> {after.poll_cpu_share:.1%}")
