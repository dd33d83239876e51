"""The queue: who calls whom next."""
