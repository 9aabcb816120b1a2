"""Order of execution and arena offsets."""
