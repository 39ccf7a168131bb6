"""What is learned of a source as bytes, so that nobody needs its raw past again."""

from dataclasses import astuple, fields
from typing import Any, Final

import msgspec
import numpy as np

from rdchem.readings.grid import Grid
from rdchem.readings.learned import Learned
from rdchem.readings.shift import Wander
from rdchem.readings.spread import Calm
from rdchem.readings.texture import Texture


def packed(learned: Learned, *, exact: bool = False) -> bytes:
    """The bytes of what is learned, its past in single precision (7 kB for two weeks of quarter hours), or
    exact: then it is the same again, to the last bit.
    """
    number = np.float64 if exact else np.float32
    kept: dict[str, Any] = {field.name: getattr(learned, field.name) for field in fields(Learned)}
    kept["day"] = learned.day.tobytes()
    kept["wander"] = [learned.wander.near, learned.wander.far, learned.wander.step]
    kept["texture"] = astuple(learned.texture)
    calm = learned.calm
    kept["calm"] = [calm.low, calm.width, calm.least.shape[0], calm.least.astype(number).tobytes()]
    past = learned.past
    kept["past"] = [past.first, past.step_s, past.values.astype(number).tobytes()]
    earlier = learned.earlier
    kept["earlier"] = [earlier.first, earlier.step_s, earlier.values.astype(np.float32).tobytes()]
    return msgspec.msgpack.encode(kept | {_EXACT: exact})


def unpacked(content: bytes) -> Learned:
    """What was learned, from its bytes. Raises msgspec.DecodeError for any others."""
    kept = msgspec.msgpack.decode(content)
    number = np.float64 if kept.pop(_EXACT, False) else np.float32
    first, step_s, values = kept["past"]
    kept["past"] = Grid(first, step_s, np.frombuffer(values, number).astype(np.float64))
    first, step_s, values = kept["earlier"]
    kept["earlier"] = Grid(first, step_s, np.frombuffer(values, np.float32).astype(np.float64))
    kept["day"] = np.frombuffer(kept["day"], np.float64)
    kept["wander"] = Wander(*kept["wander"])
    kept["texture"] = Texture(*kept["texture"])
    low, width, windows, least = kept["calm"]
    kept["calm"] = Calm(low, width, np.frombuffer(least, number).astype(np.float64).reshape(windows, -1))
    return Learned(**kept)


_EXACT: Final = "exact"
