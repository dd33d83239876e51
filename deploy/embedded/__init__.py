"""Phonebank with real parts and no Docker: every process a child of one supervisor."""
