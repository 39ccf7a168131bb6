"""The nouns of the trade, frozen; no input or output, no clock.

The message nouns are the wire contract itself: `schemas/` is generated from these types
(`rdchem schema`), so a field is written down once.
"""
