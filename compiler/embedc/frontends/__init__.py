"""Model files to Graph."""
