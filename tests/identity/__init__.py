"""Tests of identity, beside its rules and behind its door."""
