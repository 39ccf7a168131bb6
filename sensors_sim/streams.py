"""Random streams, one for each thing that is drawn, so that one more enterprise changes no other."""

from random import Random


def stream(*names: object) -> Random:
    """The random stream of a thing, named by the seed and the thing: `stream(seed, company_code, "permits")`.

    A stream depends on its name alone; equal names give equal draws on every machine.
    """
    return Random(":".join(str(name) for name in names))
