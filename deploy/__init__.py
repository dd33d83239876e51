"""How Phonebank is started: embedded, with Compose, or on a cluster."""
