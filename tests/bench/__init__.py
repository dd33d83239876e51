"""What the bench says of its figures."""
