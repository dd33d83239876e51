"""How calls are recorded and counted."""
