"""Settings of the recommendations: what may be recommended, by which models, and how their scores are blended."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class SignalWeights(BaseModel):
    """How much one event of each kind says about wanting its product."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purchase: float = Field(5.0, ge=0, le=100, description="A purchase that was not returned.")
    cart: float = Field(3.0, ge=0, le=100, description="Putting a product in the cart.")
    review: float = Field(3.0, ge=0, le=100, description="A review or rating above 2 of 5.")
    click: float = Field(2.0, ge=0, le=100, description="A click in a message.")
    browse: float = Field(1.0, ge=0, le=100, description="Looking at a product's page.")


class FilterSettings(BaseModel):
    """What is never recommended. Stock, catalogue and purchase filters are always on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    items: tuple[str, ...] = Field((), description="Products left out, by id.")
    files: tuple[str, ...] = Field(
        (), description="Files of products that people are to be spared: user_id (empty for everyone) and item."
    )
    categories: tuple[str, ...] = Field((), description="Categories left out, with everything below them.")
    price_from: float | None = Field(None, ge=0, description="Cheapest price; unset for no limit.")
    price_to: float | None = Field(None, ge=0, description="Dearest price; unset for no limit.")
    price_bands: int = Field(
        4, ge=0, le=4, description="Discoveries lie within so many price bands (fifths) of the person's own; 4 is off."
    )

    @model_validator(mode="after")
    def _ordered(self) -> FilterSettings:
        if self.price_from is not None and self.price_to is not None and self.price_from > self.price_to:
            raise ValueError("price_from lies above price_to")
        return self


class RefitSettings(BaseModel):
    """When models learn anew. In between, only people with news are scored, by what was learnt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: float = Field(7.0, ge=0, le=3650, description="Models learn anew after so many days; 0 for every run.")
    share: float = Field(
        0.05, ge=0, le=1, description="Or when new events, or new products, are this share of those learnt from."
    )


class ChooseSettings(BaseModel):
    """How models and weights are chosen on the shop's own past, where ``weights`` names none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: float = Field(
        30.0,
        ge=0,
        le=86_400,
        description="Seconds of the processor that choosing may take at most; 0 takes the plain defaults.",
    )
    days: float = Field(
        30.0, gt=0, le=3650, description="When models learn anew, a choice older than this is made anew."
    )
    people: int = Field(20_000, ge=100, le=10_000_000, description="People whose past is looked at, at most.")
    events: int = Field(400_000, ge=1000, le=1_000_000_000, description="Events of theirs, at most.")
    asked: int = Field(2_000, ge=100, le=1_000_000, description="People whom blends are tried on, at most.")
    trials: int = Field(40, ge=1, le=10_000, description="Blends tried in each lane, at most.")
    learned: bool = Field(
        False, description="Also learn to order what the blend finds, and use it where it is better (`siyu[learned]`)."
    )


class RecommendationSettings(BaseModel):
    """Settings of :func:`siyu.recommendations.recommend`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    top: int = Field(20, ge=1, le=200, description="Products per person and lane.")
    reasons: int = Field(3, ge=1, le=10, description="Reasons kept for each product, the strongest.")
    per_category: int = Field(
        5, ge=1, le=200, description="Discoveries of one category before other categories go first."
    )
    per_group: int = Field(
        1, ge=1, le=200, description="Products of one group (variants, by the catalogue's column `group`) in a list."
    )
    per_brand: int | None = Field(
        None, ge=1, le=200, description="Products of one brand that a list holds at most; unset for no limit."
    )
    caps: dict[str, int] = Field(
        default_factory=dict,
        description="Products of a category, with everything below it, that a list holds at most, by its path.",
    )
    diversity: float = Field(
        0.0,
        ge=0,
        le=1,
        description="How much a discovery loses by being like one above it, against its score; 0 is off.",
    )
    calibration: float = Field(
        0.0, ge=0, le=1, description="How much the shares of categories in a list follow the person's own; 0 is off."
    )
    candidates: int = Field(200, ge=1, le=5000, description="Products per person and lane that diversity chooses from.")
    weights: dict[str, float] = Field(
        default_factory=dict,
        description="Models in use and how much each counts; 0 leaves a model out. Where none is named, models and "
        "weights are chosen on the shop's own past.",
    )
    options: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Options of each model by its name; see the reference of models."
    )
    signals: SignalWeights = Field(default_factory=SignalWeights, description="What one event says.")
    filters: FilterSettings = Field(default_factory=FilterSettings, description="What is never recommended.")
    choose: ChooseSettings = Field(
        default_factory=ChooseSettings, description="How models are chosen where `weights` names none."
    )
    refit: RefitSettings = Field(default_factory=RefitSettings, description="When models learn anew.")
    block: int = Field(2_048, ge=1, le=1_000_000, description="People scored in one go; fewer need less memory.")

    @model_validator(mode="after")
    def _sane(self) -> RecommendationSettings:
        below = sorted(name for name, most in self.caps.items() if most < 0)
        if below:
            raise ValueError(f"caps of {', '.join(below)} are below 0")
        wrong = [name for name, weight in self.weights.items() if not 0 <= weight <= 1000]
        if wrong:
            raise ValueError(f"weights of {', '.join(sorted(wrong))} are not within 0 to 1000")
        return self
