"""The published language: every fact, declared once by its publisher. Needs pydantic only."""
