"""Who supports, how far banks have come, and what watchers see."""
