"""Plan to C sources."""
