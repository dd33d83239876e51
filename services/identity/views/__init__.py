"""Identity's read models: organizations and campaigns as lists and pages show them."""
