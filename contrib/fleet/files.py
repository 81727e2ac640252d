"""Looks at each file that hosts sent, by itself: is it whole, and has it the columns that are known?"""

import concurrent.futures
import glob
import gzip
import hashlib
import os
import re
import zlib

from columns import COLUMNS

# Of characters that no engine takes for a pattern of several names.
_PLACE = re.compile(r"date=(\d{4}-\d{2}-\d{2})/host=([A-Za-z0-9._-]+)/[A-Za-z0-9._-]+\Z")


class File:
    """A file below INBOX/KIND/date=…/host=…, and why it is left out, if it is."""

    def __init__(self, inbox, kind, path):
        self.kind, self.path = kind, path
        self.name = os.path.relpath(path, inbox)
        place = _PLACE.search(path)
        self.date, self.folder = place.groups() if place else ("", "")
        self.header, self.digest = (), ""
        self.reason = None if place else "its place is none of date=…/host=…/…, of letters, digits and ._-"

    def look(self):
        """Reads it to its end; gives itself, with its first line's names and its contents' digest."""
        if self.reason:
            return self
        digest, first, last = hashlib.sha256(), b"", b""
        try:
            with (gzip.open if self.path.endswith(".gz") else open)(self.path, "rb") as file:
                while part := file.read(1 << 20):
                    if b"\n" not in first:
                        first += part
                    digest.update(part)
                    last = part
        except (OSError, EOFError, zlib.error) as error:
            self.reason = f"not whole: {error}"
            return self
        if not last.endswith(b"\n"):
            self.reason = "not whole: its last line has no end"
            return self
        names = first.split(b"\n", 1)[0].decode(errors="replace").split(",")
        known = COLUMNS[self.kind]
        if names[: len(known)] != known:
            self.reason = "other columns: " + ",".join(names)[:80]
        self.header, self.digest = tuple(names), digest.hexdigest()
        return self


def dates(inbox):
    """The dates that there are folders of."""
    folders = glob.glob(os.path.join(glob.escape(inbox), "*", "date=*"))
    return sorted({os.path.basename(folder)[len("date="):] for folder in folders})


def look(inbox, kind, date):
    """All files of a kind and date, in order of their names, each looked at; copies are left out."""
    folder = os.path.join(glob.escape(inbox), kind, f"date={date}", "host=*", "*.csv")
    paths = sorted(glob.glob(folder) + glob.glob(folder + ".gz"))
    files = [File(inbox, kind, path) for path in paths]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        files = list(pool.map(File.look, files, chunksize=16))
    seen = {}
    for file in files:
        if file.reason is None:
            first = seen.setdefault(file.digest, file)
            if first is not file:
                file.reason = f"the same as {first.name}"
    return files
