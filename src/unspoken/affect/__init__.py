"""What an expressed emotion is: vocabulary, reading, trajectory, baseline, state. Pure Python and numpy.

Start with `reading.py` (one signal), then `trajectory.py` (one conversation: `follow`) and `state.py` (one contact).
`turns.py`, `wording.py`, `waiting.py`, `repetition.py`, `turning.py` and `forecast.py` are the parts of a trajectory;
`tone.py` says how a voice moves over a call, `fusion.py` what words and voice say together; `sentence.py` puts a state
into words; `emotionml.py` publishes the vocabulary; `evaluation.py` measures the forecast.
"""
