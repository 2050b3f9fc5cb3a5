"""The append-only, hash-chained list of what happened, and its transactional outbox.

Start with `actions.py` (`record`), then `models.py`; apps subscribe in their `AppConfig.ready` (`subscribers.py`), and
register there what is to be done every so often (`periodic.py`). `worker.py` runs both; `deliveries.py` is its queue.
"""
