"""`python -m sensors_sim`."""

from sensors_sim.cli import main

main()
