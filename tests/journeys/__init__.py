"""Journeys of people through the real product, in a real browser against a real server."""
