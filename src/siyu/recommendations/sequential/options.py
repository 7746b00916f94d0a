"""Options of the recommender ``sequential``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from siyu.recommendations.sequential.sequences import Kinds


class SequentialOptions(BaseModel):
    """Options of :class:`siyu.recommendations.models.sequential.Sequential`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acts: Kinds = Field("any", description="What makes a step: any act that says something, or bought: purchases.")
    history: int = Field(500, ge=2, le=5000, description="Steps of one person that are learnt from, the latest.")
    length: int = Field(50, ge=1, le=500, description="Steps that are read at once, the latest.")
    vocabulary: int = Field(100_000, ge=2, le=1_000_000, description="Products that can be read and foretold.")
    least: int = Field(2, ge=1, le=1000, description="Steps with a product, below which it is left out.")
    size: int = Field(64, ge=4, le=1024, description="Dimensions; a multiple of heads.")
    layers: int = Field(2, ge=1, le=16, description="Layers of the network.")
    heads: int = Field(2, ge=1, le=32, description="Views of the past in each layer.")
    widen: int = Field(2, ge=1, le=8, description="Width inside a layer, in multiples of size.")
    dropout: float = Field(0.2, ge=0, lt=1, description="Share of the network that is left out by chance in learning.")
    negatives: int = Field(
        512, ge=1, le=100_000, description="Products drawn against the right one; with fewer in all, all are taken."
    )
    popular: float = Field(0.5, ge=0, lt=1, description="Share of them drawn by popularity; the rest all alike.")
    rate: float = Field(0.001, gt=0, le=1, description="Rate of learning (Adam).")
    batch: int = Field(128, ge=1, le=10_000, description="Stretches learnt from at a time.")
    turns: int = Field(40, ge=1, le=1000, description="Turns through all sequences, at most.")
    patience: int = Field(3, ge=1, le=100, description="Turns without gain on what is held out, after which it ends.")
    held: float = Field(0.05, ge=0, le=0.5, description="Share of the steps, the latest, that say when to stop.")
    seconds: float = Field(3600.0, gt=0, le=604_800, description="Time to learn in; what is best by then is kept.")
    seed: int = Field(20_261, ge=0, le=2**31 - 1, description="Of everything that is drawn.")
    kept: int = Field(300, ge=1, le=5000, description="Products of each person that are scored, the likeliest.")
    sharp: float = Field(0.5, gt=0, le=5, description="Power of a product's likelihood; its score in a blend.")
    reach: int = Field(3, ge=1, le=50, description="Steps within which people went on from one product to another.")

    @model_validator(mode="after")
    def _whole(self) -> SequentialOptions:
        if self.size % self.heads:
            raise ValueError("size is no multiple of heads")
        return self
