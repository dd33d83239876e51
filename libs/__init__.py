"""What every service shares, each with a one-sentence charter in its own docstring."""
