"""The rules that can refuse an offer, one a file; ``GATES`` in ``order.py`` is their order."""
