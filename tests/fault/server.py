"""A PostgreSQL of one's own that may be killed."""

import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

import psycopg


class Server:
    """A PostgreSQL of one's own that may be killed, on a Unix socket, durable as installed."""

    def __init__(self, folder: Path, initdb: str, postgres: str) -> None:
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._folder, self._postgres = folder, postgres
        make = [initdb, "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync"]
        make += ["-E", "UTF8", "--locale=C.UTF-8"]
        quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, "check": True, **self._as}
        subprocess.run(make, **quiet)  # type: ignore[call-overload]
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it has recovered."""
        options = ["-D", str(self._folder / "data"), "-c", "listen_addresses=", "-k", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
                [self._postgres, *options], stdout=log, stderr=log, cwd=self._folder, **self._as
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill the postmaster; its children notice and end."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it for good."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=60)
