"""What voters' pages read: universes by name."""
