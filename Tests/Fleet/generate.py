"""A made-up fleet whose best setting of each class is known.

What a VM costs under a setting is base · (1 + d): d is how far the setting is from the best one of the VM's
class, 0 there and at least 1 % anywhere else. Half of the cost is polling, half is waiting (which weighs 4). A few
hosts of each class are odd: theirs is another setting, which they have, so the class's own hurts them.
"""

import gzip
import hashlib
import math
import os
import random

import columns

CEILINGS = [
    5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 180, 200, 220, 250, 300, 350, 400, 500, 600, 800,
    1000, 1250, 1500, 2000, 3000, 4000,
]
NOW = (200_000, 2, 10_000, 2)
# Two classes are the same but in name: two settings are enough for the three.
BEST = {"web": (50_000, 2, 10_000, 2), "api": (50_000, 2, 10_000, 2), "db": (1_000_000, 4, 50_000, 0)}
ODD = {"web": (400_000, 2, 10_000, 2), "api": (400_000, 2, 10_000, 2), "db": (20_000, 2, 10_000, 4)}


def grid():
    """polltrace's standard grid: 3,041 settings."""
    settings = [(0, 2, 10_000, 2)]
    for ceiling in CEILINGS:
        for start in [start for start in (5, 10, 20, 50, 100) if start < ceiling] + [ceiling]:
            for grow in [2] if start == ceiling else [2, 3, 4, 8, 16]:
                for shrink in (0, 2, 4, 8, 1):
                    settings.append((ceiling * 1000, grow, start * 1000, shrink))
    return settings


def small_grid():
    """Some of it, with all that is named here."""
    named = set(BEST.values()) | set(ODD.values()) | {NOW}
    return [setting for place, setting in enumerate(grid()) if place % 60 == 0 or setting in named]


def distance(setting, best):
    """How much more a setting costs than the best one, as a share."""
    place = lambda ceiling: math.log2(max(ceiling, 2_500))
    return (
        0.2 * abs(place(setting[0]) - place(best[0])) + 0.02 * (setting[1] != best[1])
        + 0.02 * abs(math.log2(setting[2]) - math.log2(best[2])) + 0.02 * (setting[3] != best[3]))


class Host:
    """Host `number`; every tenth one of a class is odd, and hosts record for different times."""

    def __init__(self, number):
        self.number = number
        self.label = list(BEST)[number % len(BEST)]
        self.is_odd = number // len(BEST) % 10 == 9
        self.best = (ODD if self.is_odd else BEST)[self.label]
        self.now = self.best if self.is_odd else NOW
        self.name = f"{self.label}-{number:05d}.example"
        self.boot = hashlib.md5(self.name.encode()).hexdigest()
        chance = random.Random(number)
        self.base = chance.uniform(0.5, 1.5)
        self.seconds = 60 if number % 4 == 0 else 30
        self.lost = 1_000 if number % 7 == 0 else 0

    def cost(self, setting):
        """ns of CPU, and of weighted waiting, in a second of one of its vCPUs."""
        return 2e7 * self.base * (1 + distance(setting, self.best))


def _write(path, header, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    text = ",".join(header) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    with open(path, "wb") as file:
        file.write(gzip.compress(text.encode(), mtime=0))


def _key(host, hour, date):
    begin = f"{date}T{hour:02d}:10:00.000000Z"
    end = f"{date}T{hour:02d}:{10 + host.seconds // 60:02d}:{host.seconds % 60:02d}.000000Z"
    first = [columns.SCHEMA, host.name, host.boot, "6.12.1", "x86_64", '"AMD EPYC, 9"', "6.11", f"class={host.label}"]
    coverage = [100_000, host.lost, 0]
    return first, [begin, end, host.seconds * 10**9], coverage


def sweep_rows(host, hour, date, settings, vms=2):
    """What the host's sweep has, in the order of columns.COLUMNS; the second VM has a ceiling of its own."""
    first, time, coverage = _key(host, hour, date)
    rows = []
    own_setting = (12_345,) + host.now[1:]
    for setting in list(settings) + [own_setting]:
        for vm in range(vms) if setting != own_setting else [1]:
            length = 4 * host.seconds * 10**9
            cost = host.cost(setting) * 4 * host.seconds
            own = vm == 1
            now = own_setting if own else host.now
            outcome = [5_000 * host.seconds, 4_000, 3_000, 10, round(cost / 8), round(cost * 3 / 8), round(cost / 8)]
            rows.append(
                [*setting, f"vm{vm} (pid {10 + vm})", 4, length, *outcome, *first, "", 10 + vm, f"vm{vm}",
                 12_345 if own else "", *time, *coverage,
                 "false" if setting == own_setting else "true", "true" if setting == now else "false"])
    return [row + [len(rows)] for row in rows]


def summary_rows(host, hour, date, vcpus=4):
    """What the host's summary has."""
    first, time, coverage = _key(host, hour, date)
    rows = []
    for vcpu in range(vcpus):
        key = first + ["", 10, "vm0", vcpu, 100 + vcpu]
        ending = time + coverage + [0, ""] + list(host.now)
        fail = round(host.cost(host.now) * 3 / 8 * host.seconds) + vcpu
        sums = [host.seconds * 10**9, 300, 100, 200, 10, 9, 300 * 50_000, 200, 200 * 4_000, 250, 100, 5_000_000,
                fail, 9_000_000, 0, 0]
        rows.append(key + ["interval"] + ending + sums + ["", "", ""])
        for kind, buckets in {"block": [(32768, 40960, 100), (40960, 49152, 200)],
                              "wake_latency": [(3584, 4096, 150), (4096, 5120, 50)]}.items():
            for bucket in buckets:
                rows.append(key + [kind] + ending + [""] * len(sums) + list(bucket))
    place = columns.COLUMNS["summary"].index("file_rows")
    for row in rows:
        row[place] = len(rows)
    return rows


def path(inbox, kind, host, hour, date):
    name = f"{date.replace('-', '')}T{hour:02d}1000.000000Z-{host.boot}.csv.gz"
    return os.path.join(inbox, kind, f"date={date}", f"host={host.name}", name)


def write(inbox, hosts, hours, date, settings):
    """The files of `hosts` in `hours` of a day."""
    for host in hosts:
        for hour in hours:
            _write(path(inbox, "summary", host, hour, date), columns.COLUMNS["summary"],
                   summary_rows(host, hour, date))
            _write(path(inbox, "sweep", host, hour, date), columns.COLUMNS["sweep"],
                   sweep_rows(host, hour, date, settings))


def write_file(path, kind, rows):
    """One file of other rows."""
    _write(path, columns.COLUMNS[kind], rows)
