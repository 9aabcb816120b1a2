"""Mutated model files through the command line: never a traceback, a hang or half a bundle; what compiles computes what the model says."""
