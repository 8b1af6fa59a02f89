"""Which events and properties mean mailing, order and redemption. Defaults are the names of the Segment e-commerce spec and of the demo."""

from __future__ import annotations

import msgspec


class Commerce(msgspec.Struct, frozen=True, kw_only=True):
    """Event names and dotted paths.

    Args:
        order_event: A completed order. Source: Segment's e-commerce spec, "Order Completed".
        revenue: Its amount (money); the currency stands beside it.
        items: Its list of products.
        delivered_event: A campaign reached a person.
        redeemed_event: A person used a coupon.
        campaign: Which campaign, in both.
    """

    order_event: str = "Order Completed"
    revenue: str = "properties.revenue"
    items: str = "properties.products"
    delivered_event: str = "Campaign Delivered"
    redeemed_event: str = "Coupon Redeemed"
    campaign: str = "properties.campaign"


COMMERCE = Commerce()
