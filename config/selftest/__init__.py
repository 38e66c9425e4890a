"""Does one customer really have one conversation on every channel? Plays the story against a running Throughline."""

from config.selftest.report import Report, Step
from config.selftest.story import STEPS, play

__all__ = ["STEPS", "Report", "Step", "play"]
