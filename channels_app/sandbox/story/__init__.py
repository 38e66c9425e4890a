"""The demo that plays itself: one customer, ten days, five places."""
