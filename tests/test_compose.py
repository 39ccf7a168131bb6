"""The deployment: one sound compose file, confined and watched services, no secret in it."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from sqlalchemy import create_engine, text

from rdchem.settings import Settings
from tests.conftest import DEPLOY, Cluster, find_program

ROOT = DEPLOY.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DAG_FILES = sorted((ROOT / "dags").glob("rdchem_*.py"))
LEFT_ALONE = {
    f"RDCHEM_{name}"  # what containers have no use for, or what nobody should need to turn
    for name in (
        "REPORTS",
        "MQTT_PORT",
        "MQTT_CA_FILE",
        "MQTT_QUICK",
        "GROUP_SECONDS",
        "GROUP_MESSAGES",
        "ROLL_SECONDS",
    )
}
ONE_SHOT = {"mosquitto-accounts", "migrate", "airflow-init", "simulator"}


def test_compose_file_follows_the_compose_specification() -> None:
    from check_jsonschema import builtin_schemas as schemas

    path = Path(schemas.__file__).parent / "vendor" / "compose-spec.json"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(COMPOSE)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_is_pinned_watched_and_confined(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":\d+[.-]", service["image"]), "image without a version"
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert ("healthcheck" in service) != (name in ONE_SHOT)
    assert service["security_opt"] == ["no-new-privileges:true"]
    if service["image"].startswith("rdchem:"):
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
    for port in service.get("ports", ()):
        assert port.startswith("${") and ":-127.0.0.1}" in port


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_waits_and_mounts_only_what_is_there(name: str) -> None:
    service = SERVICES[name]
    for other, wait in service.get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert wait["condition"] == expected
    for volume in service.get("volumes", ()):
        source, _, rest = volume.rpartition(":") if volume.endswith(":ro") else (volume, "", "")
        source = (source if rest else volume).rsplit(":", 1)[0]
        if source.startswith("./"):
            assert (ROOT / source).is_file() and volume.endswith(":ro")
        elif not source.startswith("${"):
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_command_names_a_module_that_exists(name: str) -> None:
    command = SERVICES[name].get("command", [])
    if command[:2] == ["python", "-m"]:
        found = find_spec(command[2])
        assert found is not None
        assert found.submodule_search_locations is None or find_spec(f"{command[2]}.__main__")
    elif command[:1] == ["python"] and command[1] != "-c":
        assert (ROOT / command[1]).is_file()


def test_every_setting_and_every_variable_of_the_dags_can_be_given() -> None:
    given: dict[str, str] = {}
    for service in (one for one in SERVICES.values() if one["image"].startswith("rdchem:")):
        given |= {name: str(value) for name, value in service.get("environment", {}).items()}
    ours = {name for name in given if name.startswith("RDCHEM_")}
    settings = {f"RDCHEM_{name.upper()}" for name in Settings.model_fields}
    schedules = {f"RDCHEM_SCHEDULE_{path.stem.removeprefix('rdchem_').upper()}" for path in DAG_FILES}
    of_dags = schedules | {"RDCHEM_APPROVAL", "RDCHEM_LATE_SECONDS", "RDCHEM_RETRY_SECONDS"}
    assert ours == (settings | of_dags) - LEFT_ALONE


def test_an_empty_variable_is_one_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Settings(_env_file=None)
    for name in Settings.model_fields:
        monkeypatch.setenv(f"RDCHEM_{name.upper()}", "")
    assert Settings(_env_file=None) == expected


def test_every_secret_comes_from_the_environment_and_is_in_the_example() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{(\w+)", compose))
    offered = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert wanted == set(offered)
    secrets = {name for name in offered if name.endswith(("_PASSWORD", "_KEY", "_SECRET"))}
    assert not any(offered[name] for name in secrets)
    for line in compose.splitlines():
        if re.search(r"(PASSWORD|_KEY|SECRET): ", line):
            assert re.search(r": \$\{\w+(:\?|:-\})", line), line


def test_new_env_fills_in_every_secret_but_the_simulators() -> None:
    made = subprocess.run(
        [sys.executable, DEPLOY / "new_env.py"], check=True, capture_output=True, text=True
    ).stdout
    values = dict(re.findall(r"^(\w+)=(.*)$", made, re.MULTILINE))
    secrets = {
        name: value for name, value in values.items() if name.endswith(("_PASSWORD", "_KEY", "_SECRET"))
    }
    assert secrets.pop("SIMULATOR_PASSWORD") == ""
    assert len(set(secrets.values())) == len(secrets)
    assert all(re.fullmatch(r"[\w-]{43}=?", value) for value in secrets.values())


def test_databases_are_made_and_only_their_owner_enters(postgresql_cluster: Cluster) -> None:
    find_program("psql")
    environment = os.environ | {
        "PGHOST": str(postgresql_cluster.socket),
        "RDCHEM_DB_PASSWORD": "it's",
        "AIRFLOW_DB_PASSWORD": "b",
    }
    subprocess.run([DEPLOY / "postgres" / "databases.sh"], check=True, env=environment, capture_output=True)
    engine = create_engine(postgresql_cluster.url("rdchem").replace("postgres@", "rdchem@"))
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE mine (n integer)"))
        may = text("SELECT has_database_privilege('rdchem', 'airflow', 'CONNECT')")
        assert connection.execute(may).scalar() is False
    engine.dispose()
