"""What results knows from facts: tallies, the questions of scripts, whose a phone bank is."""
