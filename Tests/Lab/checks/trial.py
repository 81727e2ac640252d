"""Trials judged, and what they leave behind."""

import json

from rows import expect

from .common import Case, nothing_left, recorded


def check(case: Case) -> None:
    recorded_trial(case)
    case.check("a better candidate is kept", lambda: better(case))
    case.check("a harmful candidate is rolled back", lambda: worse(case))
    case.check("a candidate that does not matter is not kept", lambda: same(case))
    case.check("a trial that is killed is taken back", lambda: killed(case))
    nothing_left(case)


def recorded_trial(case: Case) -> None:
    # The recording ends with the trial, whose exit code is its own.
    recorded(case, "better", "the trial's trace")
    case.check("the trial's trace: recommend sees both settings", lambda: advised(case))


def advised(case: Case) -> str:
    advice = case.polltrace.recommend(case.file("better.dat"))
    ceilings = {one["parameters"]["halt_poll_ns"]: one["share"] for one in advice["recorded_under"]}
    expect(set(ceilings) == {0, 16_000_000}, f"recorded under {ceilings}")
    expect(advice["evidence"]["trial_blocks"] == 16, f"{advice['evidence']}")
    return f"recorded under {ceilings}"


def values(case: Case, name: str) -> dict[str, int]:
    words = [line.split() for line in case.file(name).read_text().splitlines()]
    return {name: int(value) for name, value in words}


def found(case: Case, name: str, code: int) -> dict:
    said = case.file(f"{name}.err").read_text().strip()
    expect(case.exit_code(name) == code, f"exit code {case.exit_code(name)}: {said}")
    return json.loads(case.file(f"{name}.out").read_text())


def effect(trial: dict) -> str:
    one = trial["effects"][0]
    return f"cost × {one['cost_ratio']:.3f} ({one['low']:.3f} to {one['high']:.3f}), {one['pairs']} pairs"


def better(case: Case) -> str:
    trial = found(case, "better", 0)
    expect(trial["verdict"] == "kept" and not trial["restored"], trial["reason"])
    now = values(case, "better.before") | {"halt_poll_ns": 0}
    expect(values(case, "better.after") == now, f"{values(case, 'better.after')}")
    expect(json.loads(case.file("better-status.out").read_text())["confirmed"]["command"] == "trial", "status")
    expect(values(case, "reverted.after") == values(case, "better.before"), "not reverted")
    return effect(trial)


def worse(case: Case) -> str:
    trial = found(case, "worse", 3)
    expect(trial["verdict"] == "rolled back" and trial["restored"], trial["reason"])
    expect(len(trial["blocks"]) < 16, "not ended early")
    expect(values(case, "worse.after") == values(case, "worse.before"), f"{values(case, 'worse.after')}")
    return f"{effect(trial)}, {len(trial['blocks'])} of 16 blocks"


def same(case: Case) -> str:
    trial = found(case, "same", 0)
    expect(trial["verdict"] in ("restored", "undecided") and trial["finding"] != "better", trial["reason"])
    expect(values(case, "same.after") == values(case, "same.before"), f"{values(case, 'same.after')}")
    return effect(trial)


def killed(case: Case) -> None:
    expect(values(case, "killed.after") == values(case, "killed.before"), f"{values(case, 'killed.after')}")
    expect(json.loads(case.file("killed-status.out").read_text()).get("open") is None, "the change stays open")
