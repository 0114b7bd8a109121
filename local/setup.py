"""Makes `.venv` from `requirements.lock`, then fetches the jars. Standard library only: it runs before `.venv` is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from contract.place import ROOT
from local import checks
from local.checks import LocalError

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / LOCK.name  # the lock that .venv was made from
JARS_LOCK = ROOT / "local" / "jars.lock"
JARS_STAMP = VENV / "jars-complete"  # the lock that the jars are of
LOG = ROOT / "var" / "setup.log"
_NEEDS_GIB = 4
# What pip says when no index answers; its versions of a package are none then.
_NO_NETWORK = ("NewConnectionError", "ConnectTimeout", "NameResolutionError", "ProxyError", "(from versions: none)")


def main() -> None:
    """Set up what is missing. Raises LocalError with one sentence that says what to do."""
    checks.java()
    checks.disk_space(ROOT, _NEEDS_GIB)
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_bytes(b"")
    if not _up_to_date():
        _make_venv()
    print("Set-up: fetching the Java libraries (Kafka, Delta) …", flush=True)
    fetched = subprocess.run([VENV / "bin" / "python", "-m", "local", "jars"], cwd=ROOT)
    if fetched.returncode:
        sys.exit(fetched.returncode)
    if not _logged([VENV / "bin" / "python", "-m", "local", "extensions"]):
        print(f"Set-up: DuckDB cannot read buckets, see {LOG.relative_to(ROOT)}; all else works.")
    shutil.copyfile(JARS_LOCK, JARS_STAMP)


def _up_to_date() -> bool:
    return STAMP.exists() and STAMP.read_bytes() == LOCK.read_bytes() and _works()


def _works() -> bool:
    """Whether .venv has a Python that starts and has a version that Junction runs on."""
    test = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    try:
        return subprocess.run([VENV / "bin" / "python", "-c", test], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    if STAMP.exists() or not _works():  # without a stamp it is a first set-up that broke off: go on with it
        print("Set-up: making .venv …", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        if not _logged([sys.executable, "-m", "venv", VENV]):
            shutil.rmtree(VENV, ignore_errors=True)
            raise LocalError(
                f"{sys.executable} cannot make a virtual environment: install its venv module "
                "(Debian and Ubuntu: apt install python3-venv) and try again."
            )
    STAMP.unlink(missing_ok=True)
    print("Set-up: installing the packages of requirements.lock (a few minutes) …", flush=True)
    # --no-deps: the lock is complete, and pip refuses the extras in it otherwise.
    options = ["--no-deps", "--require-hashes", "--disable-pip-version-check", "--no-input", "--retries=2"]
    if not _logged([VENV / "bin" / "python", "-m", "pip", "install", *options, "-r", LOCK]):
        said = LOG.read_text(encoding="utf-8", errors="replace")
        if any(sign in said for sign in _NO_NETWORK):
            raise LocalError("No network, which the first use needs: connect and run the same command again.")
        raise LocalError(f"pip cannot install requirements.lock: see the last lines of {LOG.relative_to(ROOT)}.")
    shutil.copyfile(LOCK, STAMP)


def _logged(command: list[str | Path]) -> bool:
    with LOG.open("ab") as log:
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT).returncode == 0


if __name__ == "__main__":
    try:
        main()
    except LocalError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped; the same command goes on from here.")
