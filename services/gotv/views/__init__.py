"""What gotv knows from facts: voters, phone banks, callers, campaigns, hearsay."""
