"""A page of the answers, with the look of `polltrace report --format html`; page.css is that report's style."""

import datetime
import html
import pathlib

_CSS = (pathlib.Path(__file__).parent / "page.css").read_text().strip()
# Of hosts and VMs: the worst ones are shown, and how many there are is said.
_MOST = 50


def escape(value):
    """Text fit for HTML; what moves a cursor or hides letters is U+FFFD."""
    return html.escape("".join(letter if letter.isprintable() else "\ufffd" for letter in str(value)))


def number(value):
    return "–" if value is None else f"{value:,}"


def percent(share):
    return "–" if share is None else f"{share * 100:.1f} %"


def change(ratio):
    """A ratio of costs as a change: −12.3 %."""
    return "–" if ratio is None else f"{(ratio - 1) * 100:+.1f} %".replace("-", "−")


def time(value):
    """A length of time of ns, three digits."""
    if value is None:
        return "–"
    for unit, size in [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]:
        if abs(value) >= size * 0.9995:
            return f"{value / size:.3g} {unit}" if abs(value) < 999.5 * size else f"{value / size:,.0f} {unit}"
    return f"{value:.0f} ns"


def setting(row):
    if row["halt_poll_ns"] is None:
        return "none"
    return (f"{time(row['halt_poll_ns'])}, grow {row['grow']}, start {time(row['grow_start'])}, "
            f"shrink {row['shrink']}")


def listed(row):
    """The setting as `polltrace apply` takes it."""
    return (f"halt_poll_ns={row['halt_poll_ns']},grow={row['grow']},grow_start={row['grow_start']},"
            f"shrink={row['shrink']}")


def _table(caption, heads, rows):
    """A table; heads are (title, whether it has words), cells are escaped here."""
    if not rows:
        return '<p class="lead">None.</p>'
    kinds = ["words" if words else "number" for _, words in heads]
    head = "".join(f'<th scope="col" class="{kind}">{escape(title)}</th>' for (title, _), kind in zip(heads, kinds))
    body = ""
    for row in rows:
        cells = "".join(
            f'<td class="{kind}">{escape(cell)}</td>' if kind == "words" else f"<td>{escape(cell)}</td>"
            for cell, kind in zip(row[1:], kinds[1:]))
        body += f'<tr><th scope="row" class="words">{escape(row[0])}</th>{cells}</tr>'
    return (f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>'
            f"{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def _section(name, title, lead, content):
    return f'<section id="{name}"><h2>{escape(title)}</h2><p class="lead">{escape(lead)}</p>{content}</section>'


def _words(row):
    """A class's answer in a sentence."""
    name = f"{row['class']}: "
    if row["verdict"] == "change":
        return name + f"{setting(row)} costs {change(row['cost_ratio'])} ({change(row['low'])} to {change(row['high'])})"
    if row["verdict"] == "keep":
        return name + f"keep what hosts have; {setting(row)} would cost {change(row['cost_ratio'])}, which is not sure"
    return name + row["verdict"]


def _answer(best, objective):
    lines = "".join(
        f"<h3>{escape(row['class'])}</h3><pre>{escape(listed(row))}</pre>" for row in best if row["verdict"] == "change")
    advice = ("" if not lines else "<p>Set it on one host of a class first, record there, and compare.</p>" + lines)
    items = "".join(f"<li>{escape(_words(row))}</li>" for row in best)
    return (f'<section class="answer" id="answer"><h2>Recommendation</h2><p class="verdict">'
            f"{sum(row['verdict'] == 'change' for row in best)} of {len(best)} classes are better off with another setting "
            f"({escape(objective)}).</p><ul>{items}</ul>{advice}</section>")


def _hours(rows):
    shown = []
    for row in rows[-_MOST * 4:]:
        begin = datetime.datetime.fromtimestamp(row["hour"] * 3600, datetime.timezone.utc)
        shown.append([row["class"], f"{begin:%Y-%m-%d %H}:00", number(row["hosts"]), percent(row["wasted_share"]),
                      percent(row["useful_share"])])
    return shown


def _quantile(rows, share):
    """The bucket that the share lies in, of one class and kind."""
    row = next((row for row in rows if row["up_to_share"] >= share), None)
    return "–" if row is None else f"{time(row['ge_ns'])} – {time(row['lt_ns'])}"


def _lengths(rows):
    shown = []
    for key in sorted({(row["class"], row["kind"]) for row in rows}):
        some = [row for row in rows if (row["class"], row["kind"]) == key]
        shown.append([key[0], {"block": "halts", "wake_latency": "wake-ups"}.get(key[1], key[1]),
                      number(sum(row["n"] for row in some))] + [_quantile(some, q) for q in (0.5, 0.9, 0.99, 0.999)])
    return shown


def page(found, objective, limits=""):
    """The whole page of `questions.answers`."""
    best, hurt = found["best"], [row for row in found["hosts"] if row["extra_cost"] > 0]
    hosts = sum(row["hosts"] for row in best)
    words, digits = True, False
    parts = [_answer(best, objective + limits)]
    parts.append(_section("classes", "Classes", (
        "Cost is CPU spent polling and weighted waiting for wake-ups, against what each host has now; the interval is "
        "over hosts (95 %). Held out: the setting is chosen without the hosts it is priced on."), _table(
        "Settings by class",
        [("class", words), ("hosts", digits), ("setting", words), ("cost", digits), ("from", digits), ("to", digits),
         ("held out", digits), ("polling now", digits), ("then", digits), ("wake-up now", digits), ("then", digits)],
        [[row["class"], number(row["hosts"]), setting(row), change(row["cost_ratio"]), change(row["low"]),
          change(row["high"]), change(row["held_out_ratio"]), percent(row["poll_share_now"]), percent(row["poll_share"]),
          time(row["latency_ns_now"]), time(row["latency_ns"])] for row in best])))
    parts.append(_section("settings", "How many settings are worth having", (
        "Settings added one by one, each the one that wins most; what classes cost under the best of them, against a "
        "setting for each class."), _table(
        "Settings added one by one", [("settings", digits), ("added", words), ("cost", digits), ("", words)],
        [[number(row["settings"]), setting(row), change(row["cost_ratio"]), "enough" if row["is_enough"] else ""]
         for row in found["classes"]])))
    parts.append(_section("hurt", "Hosts that are hurt", (
        f"{len(hurt):,} of {hosts:,} hosts would pay more than now under the setting of their class; the worst "
        f"{min(_MOST, len(hurt))} are shown. Give them a class of their own, or leave them out."), _table(
        "Hosts that are hurt", [("host", words), ("class", words), ("cost", digits), ("more, a second", digits)],
        [[row["host"], row["class"], change(row["cost_ratio"]), time(row["extra_cost"])] for row in hurt[:_MOST]])))
    parts.append(_section("waste", "Waste", "Time in polls that failed, as a share of a CPU a vCPU; hours are UTC.", _table(
        "By class and hour",
        [("class", words), ("hour", words), ("hosts", digits), ("wasted", digits), ("useful", digits)],
        _hours(found["waste_by_hour"])) + _table(
        "VMs that waste most", [("VM", words), ("host", words), ("class", words), ("CPUs", digits), ("of a CPU a vCPU", digits)],
        [[row["vm"], row["host"], row["class"], f"{row['wasted_cpus']:.3f}", percent(row["wasted_share"])]
         for row in found["waste_by_vm"][:_MOST]])))
    parts.append(_section("lengths", "Lengths", "The bucket that so many halts or wake-ups do not exceed.", _table(
        "Merged histograms", [("class", words), ("of", words), ("count", digits)]
        + [(title, digits) for title in ("50 %", "90 %", "99 %", "99.9 %")], _lengths(found["histograms"]))))
    left_out = found["rejected"]
    parts.append(_section("coverage", "What this rests on", f"{len(left_out):,} files are left out of every sum.", _table(
        "Recorded", [("class", words), ("hosts", digits), ("files", digits), ("recorded", digits), ("events lost", digits),
                     ("losses of unknown size", digits), ("VMs with ceilings of their own", digits)],
        [[row["class"], number(row["hosts"]), number(row["files"]), time(row["recorded_ns"]), percent(row["lost_share"]),
          number(row["files_with_unknown_losses"]), number(row["vms_with_own_ceilings"])] for row in found["coverage"]])
        + _table("Files that are left out", [("file", words), ("why", words)],
                 [[row["file"], row["reason"]] for row in left_out[:_MOST * 4]])))
    sections = [("classes", "Classes"), ("settings", "Settings"), ("hurt", "Hosts hurt"), ("waste", "Waste"),
                ("lengths", "Lengths"), ("coverage", "Coverage")]
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,'
        'initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; base-uri \'none\'; form-action \'none\'; '
        'img-src data:; style-src \'unsafe-inline\'"><link rel="icon" href="data:,"><title>Halt polling: a fleet</title>'
        f"<style>{_CSS}\ntd.words{{text-align:left}}</style></head><body><header><h1>Halt polling: a fleet</h1><p>{hosts:,} hosts in {len(best):,} "
        f'classes; objective {escape(objective + limits)}</p><nav aria-label="Sections">{links}</nav></header><main>'
        + "".join(parts) + "</main></body></html>\n")
