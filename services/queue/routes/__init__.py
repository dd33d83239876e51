"""HTTP in: phone banks, assignments and the pages around them."""
