"""Promises under kills, pauses and repeats, on a whole house."""
