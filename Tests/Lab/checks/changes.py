"""Parameters changed in the middle of a recording."""

from .common import Case, nothing_left, recorded_truly


def check(case: Case) -> None:
    # A window that closes in silence shows at the first halt that an open one would have moved.
    recorded_truly(case, "changes", "five changes", slack=10)
    nothing_left(case)
