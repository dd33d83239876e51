"""Tests of the voters service."""
