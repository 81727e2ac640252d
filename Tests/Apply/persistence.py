"""What sets parameters at each boot: written at confirm, taken back by revert; on folders that stand for /."""
from machine import Root

OWN = "etc/modprobe.d/polltrace.conf"


def confirmed(checks, root, values, said=()):
    """Applies and confirms for each boot."""
    checks.ran(root.run("apply", values, "--persist"), 0, said)
    return root.run("confirm")


def test_module(checks):
    root = Root("host")
    root.write("sys/module/kvm/initstate", "live\n")
    checks.ran(root.run("apply", "halt_poll_ns=50us", "--persist"), 0)
    checks.that(root.read(OWN) is None, "set at boot before it was confirmed")
    checks.ran(root.run("confirm"), 0)
    line = ("options kvm halt_poll_ns=50000 halt_poll_ns_grow_start=10000 halt_poll_ns_grow=2 "
            "halt_poll_ns_shrink=0\n")
    checks.that(root.read(OWN) == line, f"modprobe.d: {root.read(OWN)}")
    checks.ran(root.run("status"), 0, ["set at each boot by /etc/modprobe.d/polltrace.conf"])
    # A second one, which revert takes back to the first.
    checks.ran(confirmed(checks, root, "halt_poll_ns=20us"), 0)
    checks.that("halt_poll_ns=20000" in root.read(OWN), f"modprobe.d: {root.read(OWN)}")
    checks.ran(root.run("revert"), 0, ["halt_poll_ns=50000"])
    checks.that(root.read(OWN) == line, f"modprobe.d after revert: {root.read(OWN)}")
    root.remove()


def test_revert(checks):
    """Also after a restart, when /run is empty and the boot has set the values."""
    root = Root("host")
    root.write("sys/module/kvm/initstate", "live\n")
    before = root.values
    checks.ran(confirmed(checks, root, "halt_poll_ns=50us"), 0)
    for file in (root.path / "run/polltrace").iterdir():
        file.unlink()
    checks.ran(root.run("status"), 0, ["confirmed: apply"])
    checks.ran(root.run("revert"), 0, ["halt_poll_ns=200000"])
    checks.that(root.read(OWN) is None and root.values == before, f"revert: {root.values}")
    checks.ran(root.run("revert"), 1, ["nothing to revert"])
    root.remove()


def test_edited(checks):
    """A file that somebody has changed since is left alone and named."""
    root = Root("host")
    root.write("sys/module/kvm/initstate", "live\n")
    checks.ran(confirmed(checks, root, "halt_poll_ns=50us"), 0)
    root.write(OWN, "options kvm halt_poll_ns=1\n")
    checks.ran(root.run("revert"), 2, ["polltrace.conf left alone: somebody else has changed it"])
    checks.that(root.read(OWN) == "options kvm halt_poll_ns=1\n", "an edited file was written")
    checks.that(root.values["halt_poll_ns"] == "200000", "edited: the value was not restored")
    root.remove()


def test_not_confirmed(checks):
    root = Root("host")
    root.write("sys/module/kvm/initstate", "live\n")
    before = root.values
    checks.ran(root.run("apply", "halt_poll_ns=50us", "--persist", "--confirm-within", "1s"), 0)
    checks.that(root.wait(lambda: root.values == before, 5), f"not confirmed: {root.values}")
    checks.that(root.read(OWN) is None, "not confirmed: set at boot")
    root.remove()


def test_built_in(checks):
    """Without systemd the words for the command line; with it, tmpfiles.d."""
    for target, values in (("host", "halt_poll_ns=50us"), ("guest", "guest_halt_poll_ns=50us")):
        root = Root(target)
        before = root.values
        module = {"host": "kvm", "guest": "haltpoll"}[target]
        name = values.split("=")[0]
        checks.ran(root.run("apply", values, "--persist"), 1,
                   ["command line", f"{module}.{name}=50000"])
        checks.that(root.values == before, f"built in: {root.values}")
        (root.path / "run/systemd/system").mkdir(parents=True)
        checks.ran(confirmed(checks, root, values), 0)
        file = f"etc/tmpfiles.d/polltrace-{module}.conf"
        checks.that(f"w /sys/module/{module}/parameters/{name} - - - - 50000\n" in (root.read(file) or ""),
                    f"tmpfiles.d: {root.read(file)}")
        checks.ran(root.run("revert"), 0)
        checks.that(root.read(file) is None and root.values == before, "tmpfiles.d stays")
        root.remove()


def test_conflicts(checks):
    """Where something else sets them at boot, nothing is written, neither now nor later."""
    cases = [
        ("sys/module/kvm/initstate", "etc/modprobe.d/other.conf", "options  kvm nx_huge_pages=off halt_poll_ns=0\n"),
        ("run/systemd/system/x", "usr/lib/tmpfiles.d/z.conf", "w /sys/module/kvm/parameters/halt_poll_ns - - - - 0\n"),
        ("sys/module/kvm/initstate", "proc/cmdline", "quiet kvm.halt_poll_ns=0 ro\n"),
    ]
    for kind, path, text in cases:
        root = Root("host")
        before = root.values
        root.write(kind, "live\n")
        root.write(path, text)
        checks.ran(root.run("apply", "halt_poll_ns=50us", "--persist"), 1)
        checks.that(root.values == before, f"{path}: {root.values}")
        # A comment, and options of others, do not matter.
        root.write(path, "# options kvm halt_poll_ns=0\noptions kvm_intel halt_poll_ns=1\n"
                   if "modprobe" in path else "quiet\n" if "cmdline" in path else "#" + text)
        checks.ran(root.run("apply", "halt_poll_ns=50us", "--persist"), 0)
        checks.ran(root.run("revert"), 0)
        root.remove()


def test_tuned(checks):
    """tuned's own profile is changed where it is the administrator's, line by line."""
    root = Root("host")
    root.write("sys/module/kvm/initstate", "live\n")
    root.write("etc/tuned/active_profile", "mine\n")
    text = ("[main]\ninclude=virtual-host\n\n[sysfs]\n# as measured\n"
            "/sys/module/kvm/parameters/halt_poll_ns = 0\n\n[sysctl]\nvm.swappiness=10\n")
    file = "etc/tuned/mine/tuned.conf"
    root.write(file, text)
    checks.ran(confirmed(checks, root, "halt_poll_ns=50us,grow=4"), 0)
    prefix = "/sys/module/kvm/parameters/halt_poll_ns"
    wanted = text.replace(f"{prefix} = 0\n", f"{prefix}=50000\n{prefix}_grow_start=10000\n{prefix}_grow=4\n"
                          f"{prefix}_shrink=0\n")
    checks.that(root.read(file) == wanted, f"tuned: {root.read(file)}")
    checks.ran(root.run("revert"), 0)
    checks.that(root.read(file) == text, f"tuned after revert: {root.read(file)}")
    # tuned's own is replaced by its next version.
    root.write("etc/tuned/active_profile", "theirs\n")
    root.write("usr/lib/tuned/theirs/tuned.conf", text)
    checks.ran(root.run("apply", "halt_poll_ns=50us", "--persist"), 1,
               ["/usr/lib/tuned/theirs/tuned.conf", "includes it"])
    root.remove()


def test_confirm_again(checks):
    """The file cannot be written at confirm: said, the values stay, and the next confirm writes it."""
    root = Root("host")
    root.write("sys/module/kvm/initstate", "live\n")
    checks.ran(root.run("apply", "halt_poll_ns=50us", "--persist"), 0)
    root.write("etc/modprobe.d", "a file where a folder is to be\n")
    checks.ran(root.run("confirm"), 1, ["confirmed, but not set at the next boot", "confirm once more"])
    checks.ran(root.run("status"), 0, ["NOT set at the next boot"])
    checks.that(root.values["halt_poll_ns"] == "50000", "confirm again: taken back")
    (root.path / "etc/modprobe.d").unlink()
    checks.ran(root.run("confirm"), 0)
    checks.that("halt_poll_ns=50000" in (root.read(OWN) or ""), "confirm again: not written")
    checks.ran(root.run("revert"), 0)
    checks.that(root.read(OWN) is None, "confirm again: not taken back")
    root.remove()
