"""Processes beside this one."""

import sys

from rdchem.workers import begin, process_pool


def _imported() -> set[str]:
    return set(sys.modules)


def test_workers_have_imported_what_they_need_before_they_are_asked() -> None:
    begin()
    begin()
    with process_pool(1) as pool:
        assert {"rdchem.runners", "rdchem.store.dealing"} <= pool.submit(_imported).result()


def _keep(number: int) -> None:
    _kept.append(number)


def _told() -> list[int]:
    return _kept


_kept: list[int] = []


def test_each_worker_is_made_ready_once() -> None:
    with process_pool(1, _keep, (7,)) as pool:
        assert [pool.submit(_told).result() for _ in range(2)] == [[7], [7]]
