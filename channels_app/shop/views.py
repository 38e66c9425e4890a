"""What does a site that embeds the widget do? The demo shop: it knows its users and signs who is logged in."""
