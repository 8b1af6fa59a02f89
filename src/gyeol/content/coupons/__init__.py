"""Coupons: pools, codes, one ledger of what became of each, and signed codes that a till can check without a network."""
