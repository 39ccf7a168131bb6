"""Atheris on the decoder: coverage-guided bytes behind a topic of each kind. Its own process, for it ends it.

`python -m tests.hostile.fuzz -runs=100000`; what raises is printed with its bytes, the exit code is not 0.
"""

import sys

import atheris

with atheris.instrument_imports(include=["rdchem.messages", "rdchem.projection"]):
    from tests.hostile.payloads import examples
    from tests.hostile.taken import taken

TOPICS = [topic for topic, _ in examples()]


def one_input(content: bytes) -> None:
    """The first byte chooses the topic, the rest is the payload."""
    if content:
        taken(TOPICS[content[0] % len(TOPICS)], content[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
