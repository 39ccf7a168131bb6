"""Processes beside this one, which have imported what they need by the time they are asked.

They are forked from a server that imports it once. Importing takes longer than many a task: whoever knows
early that there will be work says `begin` before importing the same, and both go on side by side.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver, get_context
from typing import Any, Final

_IMPORTED: Final = ["rdchem.runners", "rdchem.store.dealing"]


def begin() -> None:
    """Start the server, unless it runs; does not wait for it."""
    get_context("forkserver").set_forkserver_preload(_IMPORTED)
    forkserver.ensure_running()


def process_pool(
    processes: int, initializer: Callable[..., None] | None = None, given: tuple[Any, ...] = ()
) -> ProcessPoolExecutor:
    """So many processes, each made ready by `initializer(*given)`."""
    begin()
    return ProcessPoolExecutor(processes, get_context("forkserver"), initializer, given)
