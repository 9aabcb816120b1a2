"""Registry of the C kernels and their selection."""
