"""polltrace beside trace-cmd: neither disturbs the other."""

from .common import Case, nothing_left, recorded_truly
from .formats import opened_by_trace_cmd, same_halts


def check(case: Case) -> None:
    for name, order in [("second", "after trace-cmd"), ("first", "before trace-cmd")]:
        recorded_truly(case, name, f"started {order}")
        case.check(f"started {order}: trace-cmd's own file holds the same",
                   lambda: same_halts(case, f"{name}.dat", f"{name}-theirs.dat"))
    case.check("trace-cmd opens polltrace's file", lambda: opened_by_trace_cmd(case, "first.dat"))
    nothing_left(case)
