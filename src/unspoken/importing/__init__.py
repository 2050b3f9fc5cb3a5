"""Files of messages and contacts coming in: CSV, JSONL, mbox, eml, WebVTT, vCard. Start with `session.py`."""
