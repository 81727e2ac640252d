"""Five settings measured, the recommended one put to the test."""

from .common import Case, nothing_left, recorded, recorded_truly
from .cure import as_predicted, no_worse_than_default
from .predictions import predictions

SETTINGS = ["off", "small", "default", "middle", "big"]
WORKLOADS = ["random", "bimodal"]


def check(case: Case) -> None:
    for workload in WORKLOADS:
        for setting in SETTINGS:
            recorded_truly(case, f"{setting}-{workload}", f"{workload}, {setting}", decides=setting != "off")
        # What they cost is taken from KVM's own counts.
        for setting in ["recommended", "default-again"]:
            recorded(case, f"{setting}-{workload}", f"{workload}, {setting}")
        case.check(f"{workload}: predictions", lambda: predictions(case, workload, SETTINGS))
        cured = f"{workload}: the recommended setting costs"
        case.check(f"{cured} what was predicted", lambda: as_predicted(case, workload))
        case.check(f"{cured} no more than the default", lambda: no_worse_than_default(case, workload))
    nothing_left(case)
