"""Print .env.example with every empty secret filled in at random: `python3 deploy/new_env.py > .env`."""

import base64
import os
import re
import sys
from pathlib import Path


def main() -> None:
    """Only the standard library: this runs before anything is installed."""
    text = (Path(__file__).parent.parent / ".env.example").read_text(encoding="utf-8")
    sys.stdout.write(re.sub(r"^(\w+_(?:PASSWORD|KEY|SECRET))=$", _filled, text, flags=re.MULTILINE))


def _filled(line: re.Match[str]) -> str:
    name = line[1]
    if name == "SIMULATOR_PASSWORD":
        return line[0]
    secret = base64.urlsafe_b64encode(os.urandom(32)).decode()
    return f"{name}={secret if name == 'AIRFLOW_FERNET_KEY' else secret.rstrip('=')}"


if __name__ == "__main__":
    main()
