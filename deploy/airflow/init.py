"""Before Airflow starts: its database brought up to date, and the one account of its console written down."""

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Needs AIRFLOW_ADMIN_PASSWORD and Airflow's own variables."""
    accounts = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    accounts.touch(mode=0o600)
    accounts.write_text(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True)


if __name__ == "__main__":
    main()
