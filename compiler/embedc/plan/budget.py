"""Effort in work instead of time, so that a plan is the same on every machine."""

from dataclasses import dataclass


@dataclass
class Budget:
    """Inspections of a conflict that are left to do, about 0.3 us each."""

    left: int
