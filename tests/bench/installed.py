"""What the peers need: a broker, PostgreSQL, and packages of Node.js in a folder of their own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.conftest import Broker

_NPM_S: Final = 540.0


@contextmanager
def broker() -> Iterator[Broker]:
    """A real Mosquitto as it is deployed, without passwords."""
    with tempfile.TemporaryDirectory() as folder:
        made = Broker(Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.kill()


def node_packages(*names: str) -> Path | None:
    """A folder in which these packages are installed by npm, made once a machine; None if that fails."""
    folder = Path(tempfile.gettempdir()) / f"rdchem-bench-{os.getuid()}" / "-".join(names).replace("/", "_")
    done = folder / "done"
    if not done.exists():
        if shutil.which("npm") is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        headers = {"npm_config_nodedir": "/usr"} if Path("/usr/include/node/node.h").exists() else {}
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *names]
        try:
            subprocess.run(
                command, env=os.environ | headers, check=True, capture_output=True, timeout=_NPM_S, cwd=folder
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        done.touch()
    return folder


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The address of a fresh PostgreSQL that syncs to disk as it comes; None where it is not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not places:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="rdpg-"))
    owner: dict[str, object] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, "check": True, **owner}
    initdb, pg_ctl, data = places[-1].with_name("initdb"), places[-1], folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    try:
        subprocess.run([initdb, "-D", data, "-U", "postgres", "--auth=trust"], **quiet)  # type: ignore[call-overload]
        start = [pg_ctl, "-D", data, "-l", folder / "log", "-w", "-o", options, "start"]
        subprocess.run(start, **quiet)  # type: ignore[call-overload]
        yield f"postgresql://postgres@/postgres?host={folder}"
        subprocess.run([pg_ctl, "-D", data, "-m", "immediate", "-w", "stop"], **quiet)  # type: ignore[call-overload]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
