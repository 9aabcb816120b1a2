"""Arithmetic of quantized tensors, shared by frontends and passes: real = scale (q - zero point)."""
