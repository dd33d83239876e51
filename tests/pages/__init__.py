"""The pages: the shell they share, and what a browser makes of them."""
