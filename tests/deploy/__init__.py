"""How Phonebank is started."""
