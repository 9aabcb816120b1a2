"""Graph to Program: kernels, layouts, buffers."""
