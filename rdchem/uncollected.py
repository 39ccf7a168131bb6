"""Working without Python's cyclic garbage collector for a while."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """While a nation's day is read and judged millions of objects are made and none is thrown away: going
    through all of them again and again would cost a third of the time. To be used around a call (`with`) or a
    function (`@uncollected()`).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
