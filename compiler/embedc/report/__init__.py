"""Summaries for people: terminal and HTML."""
