"""Whom we mean: audiences, membership, why in and why out."""
