"""The rules of identity: who becomes a caller, founds, runs a campaign, and what is refused."""
