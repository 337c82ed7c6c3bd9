"""Fetch files from Debian, PyPI and npm with their ordinary clients.

Debian packages come through a private apt state (own lists, own source list), so the
machine's own apt is untouched and no root is needed; apt checks the archive's
signature and every file's hash. Whatever is fetched lands in a folder that appears
only when complete: a broken download is never kept. Must never name an archive host:
the mirror is the one the machine itself uses.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .console import Failure

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

FULL = "No space left on device"


def run(command, *, what, cwd=None, env=None):
    """Run a client quietly; on failure show its last meaningful line."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        if FULL in done.stdout:
            raise Failure(f"{what} failed: the disk is full")
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [
            line
            for line in lines
            if re.match(r"(E:|ERROR|error|npm ERR|npm error)", line)
            and "A complete log of this run" not in line
        ]
        # npm ends with advice; why it failed stands before that
        errors = [line for line in errors if "reason:" in line] or errors
        last = (errors or lines or [f"exit code {done.returncode}"])[-1]
        raise Failure(f"{what} failed: {last}")
    return done.stdout


def apt_install(*packages):
    """Install packages on this machine; only for root, and only when missing."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    what = f"installing {packages[0]}"
    run(["apt-get", "-q", "update"], what=what, env=env)
    apt = ["apt-get", "-q", "-y", "install", "--no-install-recommends"]
    run([*apt, *packages], what=what, env=env)


class Suite:
    """One suite of the Debian archive, read through a private apt state."""

    def __init__(self, name):
        self.name = name
        self.state = paths.cache("apt", name)
        self.refreshed = False

    def _options(self):
        state = self.state
        settings = {
            "Dir::State": state,
            "Dir::State::lists": state / "lists",
            # What this machine has installed must not decide what is fetched.
            "Dir::State::status": state / "installed-nothing",
            "Dir::Cache": state,
            "Dir::Etc::sourcelist": state / "sources.list",
            "Dir::Etc::sourceparts": state / "empty",
            "Dir::Etc::preferencesparts": state / "empty",
            "Dir::Etc::preferences": state / "none",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "APT::Sandbox::User": "",
        }
        return [
            word
            for pair in settings.items()
            for word in ("-o", "=".join(map(str, pair)))
        ]

    def refresh(self):
        """Read the package lists once per process."""
        if self.refreshed:
            return
        if not shutil.which("apt-get") or not KEYRING.exists():
            raise Failure(
                "this machine has no apt or no Debian keyring; name an existing "
                "Odoo 19 with ODOO=/path/to/odoo (see scripts/README.md)"
            )
        for folder in ("lists/partial", "archives/partial", "empty"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        (self.state / "installed-nothing").touch()
        source = f"deb [signed-by={KEYRING}] {_mirror()} {self.name} main\n"
        (self.state / "sources.list").write_text(source)
        apt = ["apt-get", *self._options(), "-q", "update", "--error-on=any"]
        with paths.cache_lock("apt"):
            run(apt, what=f"reading Debian's {self.name} package lists")
        self.refreshed = True

    def version(self, package):
        """The newest version of a package, as text usable in a folder's name."""
        self.refresh()
        text = run(
            ["apt-cache", *self._options(), "show", "--no-all-versions", package],
            what=f"looking up {package} in Debian {self.name}",
        )
        return re.search(r"^Version: (\S+)$", text, re.M)[1].replace(":", "-")

    def closure(self, *packages):
        """Names of the packages and of all they need, as apt would install them."""
        self.refresh()
        text = run(
            ["apt-get", *self._options(), "-q", "install", "--simulate"]
            + ["--no-install-recommends", "-o", "Debug::NoLocking=true", *packages],
            what="reading package dependencies",
        )
        return sorted(set(re.findall(r"^Inst (\S+) ", text, re.M)))

    def unpack(self, packages, folder):
        """Download packages (verified by apt) and unpack them into `folder`."""
        self.refresh()
        with paths.scratch() as debs:
            apt = ["apt-get", *self._options(), "-q", "download", *packages]
            run(apt, what=f"downloading {packages[0]} from Debian", cwd=debs)
            for deb in sorted(debs.glob("*.deb")):
                run(["dpkg-deb", "--info", deb], what=f"checking {deb.name}")
                run(["dpkg-deb", "-x", deb, folder], what=f"unpacking {deb.name}")
                deb.unlink()


def release():
    """The code name of this machine's own Debian release."""
    text = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.M)
    return found[1] if found else "stable"


def _mirror():
    """The Debian mirror this machine is set up to use."""
    known = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ).stdout.split()
    for address in known:
        if address.rstrip("/").endswith("/debian"):
            return address
    raise Failure(
        "no Debian mirror in this machine's apt sources; name an existing Odoo 19 with "
        "ODOO=/path/to/odoo (see scripts/README.md)"
    )


def npm_file(package, name, target):
    """Put one file of an npm package at `target`."""
    with paths.scratch() as out:
        run(
            ["npm", "pack", "--silent", package], what=f"downloading {package}", cwd=out
        )
        (archive,) = out.glob("*.tgz")
        shutil.unpack_archive(archive, out)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(out / "package" / name, target)


def unpack_root(suite, packages, folder):
    """Unpack packages as a private root, for programs too new for this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        # Merged /usr, as Debian has it; absent links would make plain folders of these.
        (folder / "usr" / name).mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(f"usr/{name}")
    suite.unpack(packages, folder)


def loader(root):
    """The dynamic loader of a private root, and the folder with its libraries."""
    libc = next(root.glob("usr/lib/*/libc.so.6"))
    program = next(libc.parent.glob("ld-linux*"))
    return program, libc.parent
