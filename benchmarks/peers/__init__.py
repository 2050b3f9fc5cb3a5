"""What we are measured against, each run in an environment of its own, never installed with the product."""
