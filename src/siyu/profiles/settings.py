"""What a shop may set about profiles."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.settings import NeedsSettings

_STRICT = ConfigDict(extra="forbid", frozen=True)


class EventWeights(BaseModel):
    """How much one event of each kind says about interest; only their ratios matter."""

    model_config = _STRICT

    browse: float = Field(1.0, ge=0, le=1000, description="A product page seen.")
    search: float = Field(3.0, ge=0, le=1000, description="A search, divided over its words.")
    cart: float = Field(4.0, ge=0, le=1000, description="A product put in the cart.")
    purchase: float = Field(6.0, ge=0, le=1000, description="A purchase; a return takes away what it undoes.")
    review: float = Field(3.0, ge=0, le=1000, description="A review, times its rating or sentiment (-1 to 1).")
    rating: float = Field(3.0, ge=0, le=1000, description="A rating, times (stars - 3) / 2.")
    feedback: float = Field(2.0, ge=0, le=1000, description="Feedback, times its rating or sentiment (-1 to 1).")
    click: float = Field(1.0, ge=0, le=1000, description="A click on a product in a message.")


class InterestSettings(BaseModel):
    """Interest tags."""

    model_config = _STRICT

    half_life_days: float = Field(60.0, ge=0.5, le=36_500, description="Days after which an event counts half.")
    top: int = Field(20, ge=1, le=500, description="Values kept per person and facet.")
    weights: EventWeights = Field(default_factory=EventWeights, description="Weight of each kind of event.")


class LifecycleSettings(BaseModel):
    """Lifecycle stages. A person's own rhythm decides where it is known, the shop's otherwise."""

    model_config = _STRICT

    new_days: int = Field(30, ge=1, le=3650, description="New: first purchase at most so many days ago ...")
    new_orders: int = Field(2, ge=1, le=100, description="... and at most so many orders.")
    own_rhythm_days: int = Field(3, ge=2, le=100, description="Days with orders from which a rhythm is one's own.")
    shortest_gap_days: float = Field(7.0, ge=0.1, le=3650, description="A shorter own gap counts as this long.")
    late_gaps: float = Field(2.0, ge=1, le=100, description="At risk: silent for more than so many own gaps.")
    lapsed_gaps: float = Field(4.0, ge=1, le=100, description="Lapsed: silent for more than so many own gaps.")
    late_quantile: float = Field(0.8, gt=0, lt=1, description="At risk without a rhythm: this quantile of all gaps.")
    lapsed_quantile: float = Field(0.95, gt=0, lt=1, description="Lapsed without a rhythm: this quantile of all gaps.")
    late_days: float = Field(90.0, gt=0, le=36_500, description="At risk where the shop has no gaps yet, in days.")
    lapsed_days: float = Field(180.0, gt=0, le=36_500, description="Lapsed where the shop has no gaps yet, in days.")
    loyal_orders: int = Field(4, ge=2, le=1000, description="Loyal: active, with at least so many orders ...")
    loyal_quantile: float = Field(0.8, ge=0, lt=1, description="... and at least this quantile of buyers' orders.")


class SegmentSettings(BaseModel):
    """K-means segments."""

    model_config = _STRICT

    least_people: int = Field(50, ge=2, description="With fewer people there are no segments.")
    most_segments: int = Field(8, ge=2, le=20, description="The number is chosen by silhouette from 2 to this.")
    slack: float = Field(
        0.15,
        ge=0,
        lt=1,
        description="The finest division whose silhouette is at most this share below the best is taken.",
    )
    winsorise: float = Field(0.01, ge=0, lt=0.5, description="Share cut to the quantile at each end of a feature.")
    seed: int = Field(20_260, ge=0, description="Seed of the random starts: the same data give the same segments.")


class ReviewSettings(BaseModel):
    """What reviews say of products."""

    model_config = _STRICT

    on: bool = Field(True, description="Whether profiling reads reviews, at every refit.")
    least_people: int = Field(3, ge=1, le=1000, description="People who must speak of a product's aspect.")
    learn_from: int = Field(
        10_000, ge=0, description="Rated reviews to learn the feeling of words from, at most; 0: lists of words decide."
    )


class RuleSettings(BaseModel):
    """What is bought together."""

    model_config = _STRICT

    on: bool = Field(True, description="Whether profiling mines rules, at every refit.")
    days: float = Field(365.0, gt=0, le=36_500, description="Purchases of so many days.")
    least_baskets: int = Field(10, ge=2, description="A rule rests on at least so many baskets ...")
    least_support: float = Field(0.0005, ge=0, le=1, description="... and on at least this share of all.")
    longest: int = Field(3, ge=2, le=8, description="Things in a rule, both sides together.")
    most_items: int = Field(5_000, ge=2, le=50_000, description="Different things looked at: the most bought.")
    most_pairs: int = Field(
        20_000, ge=1, description="Pairs looked at: the most frequent; larger sets hold only these."
    )
    most_p: float = Field(0.01, gt=0, le=1, description="Chance finds: the largest adjusted p-value kept.")
    least_gain: float = Field(0.02, ge=-1, le=1, description="Confidence to gain over every simpler rule.")
    most: int = Field(2_000, ge=1, description="Rules kept of each level, those of the highest lift.")


class ProfileSettings(BaseModel):
    """Section ``[profiles]`` of siyu.toml."""

    model_config = _STRICT

    interests: InterestSettings = Field(default_factory=InterestSettings, description="Interest tags.")
    lifecycle: LifecycleSettings = Field(default_factory=LifecycleSettings, description="Lifecycle stages.")
    refit_days: float = Field(
        7.0,
        ge=0,
        le=3650,
        description="Days after which lift and segments are measured anew, for everybody; 0: at every run.",
    )
    segments: SegmentSettings = Field(default_factory=SegmentSettings, description="Segments.")
    rules: RuleSettings = Field(default_factory=RuleSettings, description="Rules.")
    reviews: ReviewSettings = Field(default_factory=ReviewSettings, description="Reviews.")
    needs: NeedsSettings = Field(default_factory=NeedsSettings, description="Needs.")
