"""How do property tests run here? Without a clock's limit (the machine may be busy) and without a store of examples."""

from hypothesis import settings

settings.register_profile("campaigns", deadline=None, database=None, max_examples=40)
settings.load_profile("campaigns")
