"""Tests of libs."""
