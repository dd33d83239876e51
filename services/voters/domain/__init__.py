"""What voter files, lines and lists are: pure, without clock, network or database."""
