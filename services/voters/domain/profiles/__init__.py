"""Layouts of voter files, as data: one table a layout, read by one engine."""
