"""A simulated county: one seeded morning over MQTT or as files, with the truth about everything wrong in it.

The simulator speaks the wire contract (`rdchem.model`, `rdchem.messages`) and knows nothing of how a message
is judged. Everything it sends is marked `simulated`. Read `catalogue/` for what goes wrong, `county.py` for
who lives here, `plan.py` for what one enterprise does, `morning.py` for the timeline.
"""
