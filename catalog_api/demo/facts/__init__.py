"""Bibliographic facts of the demonstration federation, as CSV tables; README.md describes the columns."""
