"""Builds bundles with a C compiler and runs them: in this process, as programs, under emulators."""
