"""The ONNX frontend."""

from embedc.frontends.onnx.dimensions import OpenDim
from embedc.frontends.onnx.importer import ImportOptions, Survey, load, survey

__all__ = ["ImportOptions", "OpenDim", "Survey", "load", "survey"]
