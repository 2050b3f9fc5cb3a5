"""The way of a message, from one normalised event to a committed reading. Start with `pipeline.py`.

inbound.py, receipt.py  what comes in, and what is answered
batcher.py              single events share batches: `submit`, `receive_many`
validation.py           what an event must satisfy to be stored at all
in_time.py              the model, with a time limit
following.py            what follows in the same transaction: trajectories, journal, flags
reader.py               reading later what could not be read at once
metrics.py              what is measured on the way
"""
