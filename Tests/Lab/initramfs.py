"""The file tree a kernel boots from, built in memory and written as a cpio archive."""

import stat
from pathlib import Path

import elf


class Initramfs:
    """Folders, files, links and devices by path."""

    def __init__(self):
        self._entries: dict[str, tuple[int, bytes, tuple[int, int]]] = {}
        self.node("/dev/console", stat.S_IFCHR | 0o600, (5, 1))

    def file(self, path: str, content: bytes | str, mode: int = 0o644) -> None:
        data = content.encode() if isinstance(content, str) else content
        self._put(path, stat.S_IFREG | mode, data)

    def copy(self, source: Path, path: str) -> None:
        self.file(path, source.read_bytes(), source.stat().st_mode & 0o777)

    def folder(self, source: Path, path: str) -> None:
        """A whole folder, as it is."""
        for file in sorted(source.rglob("*")):
            if file.is_file():
                self.copy(file, f"{path}/{file.relative_to(source)}")

    def link(self, path: str, target: str) -> None:
        self._put(path, stat.S_IFLNK | 0o777, target.encode())

    def node(self, path: str, mode: int, device: tuple[int, int]) -> None:
        self._put(path, mode, b"", device)

    def program(self, source: Path, name: str | None = None, root: Path = Path("/")) -> None:
        """A program in /bin with its loader and libraries where that loader looks for them."""
        path = f"/bin/{name or source.name}"
        self.file(path, source.read_bytes(), 0o755)
        if source.read_bytes()[:4] != b"\x7fELF":
            return
        program = elf.Object(source)
        if program.loader:
            self.file(program.loader, elf.inside(root, program.loader).read_bytes(), 0o755)
        for library, found in elf.libraries(source, root).items():
            self.file(f"/lib/{program.triple}/{library}", found.read_bytes(), 0o755)

    def bundle(self, home: Path) -> None:
        """A program of another release, beside the others: its loader and libraries, if any, are its own (see bundles.py)."""
        name, at = home.name, f"/opt/{home.name}"
        if not (home / "loader").exists():
            return self.copy(home / name, f"/bin/{name}")
        self.folder(home, at)
        self.file(f"/bin/{name}", f'#!/bin/sh\nexec {at}/loader --library-path {at}/lib {at}/{name} "$@"\n', 0o755)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.archive())
        return path

    def archive(self) -> bytes:
        records = [_record(number, name, *self._entries[name]) for number, name in enumerate(sorted(self._entries), 1)]
        return b"".join([*records, _record(0, "TRAILER!!!", 0, b"", (0, 0))])

    def _put(self, path: str, mode: int, data: bytes, device: tuple[int, int] = (0, 0)) -> None:
        name = path.lstrip("/")
        for parent in list(Path(name).parents)[:-1]:
            self._entries.setdefault(str(parent), (stat.S_IFDIR | 0o755, b"", (0, 0)))
        self._entries[name] = (mode, data, device)


def _record(number: int, name: str, mode: int, data: bytes, device: tuple[int, int]) -> bytes:
    """One entry of the "newc" format: a head of hexadecimal numbers, the name, the content, each padded to 4 bytes."""
    encoded = name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = [number, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(encoded), 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
