"""The text sense, end to end with the shipped model."""
