"""Settings of the property tests of the store."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # first calls create a schema
settings.load_profile("unhurried")
