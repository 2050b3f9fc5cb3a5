"""Unspoken: the customer-emotion record that you can show to the customer."""
