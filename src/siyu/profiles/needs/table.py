"""Learners by name. A new one is one file and one line here."""

from __future__ import annotations

from siyu.domain.registry import Registry
from siyu.profiles.needs.port import Learner

LEARNERS: Registry[type[Learner]] = Registry(
    "learner",
    "siyu.learners",
    {
        "recency-frequency": "siyu.profiles.needs.learners.recency_frequency:RecencyFrequency",
        "bg-nbd": "siyu.profiles.needs.learners.bg_nbd:BgNbd",
        "logistic-regression": "siyu.profiles.needs.learners.logistic_regression:Logistic",
        "linear-svm": "siyu.profiles.needs.learners.linear_svm:LinearSvm",
        "decision-tree": "siyu.profiles.needs.learners.decision_tree:DecisionTree",
        "random-forest": "siyu.profiles.needs.learners.random_forest:RandomForest",
        "gradient-boosting": "siyu.profiles.needs.learners.gradient_boosting:GradientBoosting",
        "neural-net": "siyu.profiles.needs.learners.neural_net:NeuralNet",
    },
)
