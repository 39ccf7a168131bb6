"""A sample of `make fault`: a kill, a full disk, a byte changed, a network cut, each for real."""

import os

import pytest

from tests.conftest import missing
from tests.fault.__main__ import run

ROOT_ALONE = {"disk_full", "cut"}
ON_DISK = {"bit_flipped", "manifest_row_gone"}


@pytest.mark.parametrize("name", ["listener", "two_listeners", *sorted(ON_DISK), *sorted(ROOT_ALONE)])
def test_nothing_acknowledged_is_lost(name: str) -> None:
    if name in ROOT_ALONE and os.geteuid() != 0:
        missing("管理员权限(挂载、网络命名空间)")
    [found] = run([name], 0.02)
    assert found.good, (found.lost, found.wrong)
    assert found.faults >= 1
    if name not in ON_DISK:
        assert found.acknowledged > 0 and found.kept >= found.acknowledged
