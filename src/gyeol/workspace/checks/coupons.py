"""Pools of coupons, and the offers that name them."""

from __future__ import annotations

from gyeol.content.coupons.model import CouponPool, faults
from gyeol.decisions.model import OfferDefinition
from gyeol.workspace.findings import Findings
from gyeol.workspace.names import Names

RESERVED = ("reconcile",)
"""The API's own addresses below ``/v1/coupons/``."""


def check(findings: Findings, _: Names) -> None:
    """Bounds, dates, one discount; offers name pools that there are."""
    for entry, pool in findings.pairs("coupons", CouponPool):
        for field, code, what, mend in faults(pool):
            findings.refuse(entry, (field,), code, what, mend)
        if pool.name in RESERVED:
            findings.refuse(entry, ("name",), "reserved_name", f"{pool.name!r} is an address of the API", "choose another name")
        if pool.codes == "generated" and pool.size is None and pool.bearer:
            what = "whoever brings a code may use it, and there may be any number of codes"
            findings.warn(entry, ("bearer",), "unbounded_bearer", what, "give the pool a size")
    for entry, offer in findings.pairs("offers", OfferDefinition):
        findings.reference(entry, ("coupon",), offer.coupon, "coupons")
