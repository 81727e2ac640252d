"""Where this machine gets Debian packages from, and with which keys it trusts them."""

import re
from dataclasses import dataclass
from pathlib import Path

APT = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Mirror:
    """The two addresses every Debian suite hangs under."""

    main: str
    security: str


def configured() -> Mirror:
    """The mirror of the machine's own sources, so that no host name is written down here."""
    addresses = [address.rstrip("/") for address in _addresses()]
    main = next((a for a in addresses if a.endswith("/debian")), None)
    if main is None:
        raise LookupError(f"no Debian mirror (an address ending in /debian) in {APT}/sources.list*")
    security = next((a for a in addresses if a.endswith("/debian-security")), main + "-security")
    return Mirror(main, security)


def _addresses() -> list[str]:
    found = []
    for file in [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))]:
        if not file.is_file():
            continue
        for line in file.read_text().splitlines():
            if line.startswith("URIs:"):
                found += line.split()[1:]
            elif match := re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)", line):
                found.append(match[1])
    return found
