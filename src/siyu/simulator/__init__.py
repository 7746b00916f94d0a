"""A shop with known truth: people with hidden tastes, their months in the shop, and how they answer messages."""

from siyu.simulator.reactions import Reactions, react
from siyu.simulator.settings import SimulationSettings
from siyu.simulator.simulation import simulate
from siyu.simulator.world import World

__all__ = ["Reactions", "SimulationSettings", "World", "react", "simulate"]
