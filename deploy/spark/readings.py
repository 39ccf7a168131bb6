"""What spark-submit is given: `rdchem readings …` as a file of its own (README, "Readings at any scale")."""

import sys

from rdchem.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "readings")
    main()
