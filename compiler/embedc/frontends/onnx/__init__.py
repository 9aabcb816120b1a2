"""ONNX to Graph."""
