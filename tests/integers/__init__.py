"""Quantized layers at random, on every target, against the interpreter."""
