"""rdchem: the daily compliance watch over hazardous-chemical enterprises."""

__version__ = "0.1.0"
