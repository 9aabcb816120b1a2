"""Comparison of compiled models with the interpreter and other oracles."""
