"""The few errors rdchem raises on purpose. The world's faults are values; these are for people and programs.

Each carries a sentence saying what to do next and the process exit code scripts may rely on.
"""


class RdchemError(Exception):
    """Something a person must mend before rdchem can go on."""

    exit_code = 1


class ConfigurationError(RdchemError):
    """A setting, limit or rulebook is missing, wrong or not in force on the day asked for."""

    exit_code = 3


class DatabaseUnavailableError(ConfigurationError):
    """The database does not answer, or not us: its address may be wrong, or it may be down and come back."""


class InputError(RdchemError):
    """A file or argument given cannot be used at all (single bad rows go to quarantine instead)."""

    exit_code = 4


class JournalError(RdchemError):
    """The journal refuses: it is damaged, locked, or a production journal asked to take replayed data."""

    exit_code = 5


class UnhealthyError(RdchemError):
    """The installation is not well; what is amiss was told before."""

    exit_code = 8


class NotReadyError(RdchemError):
    """What is asked for is not there yet: no register, intake not caught up, no verdict for the day."""

    exit_code = 6
