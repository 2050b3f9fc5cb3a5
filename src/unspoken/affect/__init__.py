"""What an expressed emotion is: vocabulary, reading, trajectory, baseline, state. Pure Python and numpy.

Start with `reading.py` (one signal), then `trajectory.py` (one conversation) and `state.py` (one contact).
"""
