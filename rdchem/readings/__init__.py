"""Telemetry: an enterprise's sorted day, and the pure kernel that judges its readings."""
