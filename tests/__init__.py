"""Every test; the folders mirror services/, libs/ and deploy/."""
