"""What is measured of the doors to other systems, for Prometheus."""

from prometheus_client import Counter

HOOKS = Counter(
    "unspoken_deliveries", "Messages by connector and what became of them", ["connector", "outcome"]
)  # outcome: stored, duplicate, rejected, ignored, refused, malformed
