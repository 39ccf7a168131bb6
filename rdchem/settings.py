"""Where things are and whom to talk to: `RDCHEM_…` environment variables or a `.env` file. No rules here.
An empty variable is one not given.

What the law or the county asks for lives in `rdchem/limits/`, never here.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """One installation of rdchem."""

    model_config = SettingsConfigDict(
        env_prefix="RDCHEM_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    home: Path = Field(default=Path("var"), description="where the journal, the database and reports live")
    reports: Path | None = Field(default=None, description="where reports go; empty: RDCHEM_HOME/reports")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in RDCHEM_HOME")
    journal_kind: Literal["production", "replay"] = Field(
        default="production", description="a production journal refuses replayed and simulated time"
    )
    area_code: str = Field(default="320623", description="area of the county, used where a file names none")
    rulebook_file: Path | None = Field(
        default=None, description="the county's own limits, rule dates and decisions, beside the shipped ones"
    )

    profile_file: Path | None = Field(
        default=None,
        description="a platform's own codes for grade, status, yes and no, over the shipped ones",
    )

    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = Field(default=1883, ge=1, le=65535)
    mqtt_username: str = ""
    mqtt_password: SecretStr = SecretStr("")
    mqtt_ca_file: Path | None = Field(default=None, description="CA certificate; set it to use TLS")
    mqtt_quick: bool = Field(
        default=True, description="read publishes in blocks from paho's socket; false: one by one, by paho"
    )
    mqtt_topic: str = "rdchem/v1/#"
    listener: str = Field(
        default="listener-1",
        pattern=r"^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,39}$",
        description="fixed MQTT client id and journal stream",
    )
    group_seconds: float = Field(
        default=0.25,
        gt=0,
        description="longest wait before a group is made durable, where the broker never pauses",
    )
    roll_seconds: float = Field(
        default=60.0, gt=0, description="longest time until the write-ahead log becomes a segment"
    )
    group_messages: int = Field(default=5000, ge=1, description="most messages in one group")

    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="port of the listener's Prometheus metrics; 0: none"
    )
    metrics_host: str = Field(default="127.0.0.1", description="address the metrics are served on")
    dead_man_url: SecretStr = Field(
        default=SecretStr(""), description="fetched after every heartbeat; whoever misses it raises the alarm"
    )
    disk_least_mb: int = Field(default=1024, ge=0, description="less disk left than this is not well")

    group_size: int = Field(default=2000, ge=1, description="enterprises judged together in one task")
    notify_urls: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="Apprise URLs, separated by blanks"
    )

    @field_validator("notify_urls", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value

    @property
    def rulebook_files(self) -> tuple[Path, ...]:
        """What is added to the shipped rulebook."""
        return (self.rulebook_file,) if self.rulebook_file else ()

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.home / 'rdchem.db').resolve()}"

    @property
    def journal_path(self) -> Path:
        """Folder of the journal's segments."""
        return self.home / "journal"

    @property
    def readings_path(self) -> Path:
        """Folder of the readings' projection (Parquet)."""
        return self.home / "projection" / "readings"

    @property
    def locks_path(self) -> Path:
        """Folder of the locks of an installation on SQLite (see `rdchem.store.alone`)."""
        return self.home / "locks"

    @property
    def out_path(self) -> Path:
        """Folder reports are written to, one sub-folder a day."""
        return self.reports or self.home / "reports"
