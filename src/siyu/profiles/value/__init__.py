"""What people will be worth: how often they will buy again (BG/NBD) and what they spend when they do (gamma-gamma)."""

from siyu.profiles.value.buying import Buying, fit_buying
from siyu.profiles.value.spending import Spending, fit_spending

__all__ = ["Buying", "Spending", "fit_buying", "fit_spending"]
