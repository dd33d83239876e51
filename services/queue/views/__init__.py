"""What the queue reads: voters to call, phone banks, organizations, callers' days."""
