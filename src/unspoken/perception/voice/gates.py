"""What weights of the voice model must reach to be shipped, and what is aimed at: figures of `report.py`."""

from unspoken.perception.gates import Gate

VOICE = (
    Gate("EmoDB", "seven emotions, UAR, clean", 0.80, 0.87),
    Gate("EmoDB", "arousal, AUROC, clean", 0.98, 0.99),
    Gate("EmoDB", "arousal, AUROC, telephone", 0.97, 0.98),
    Gate("EmoDB", "stress, calibration error, clean", 0.08, 0.06, most=True),
    Gate("EmoDB", "stress, calibration error, telephone", 0.08, 0.06, most=True),
    Gate("EmoDB", "arousal of calm speech, women less men, with a baseline", 0.06, 0.03, most=True),
    Gate("TESS", "arousal, AUROC, clean", 0.98, 0.99),
    Gate("TESS", "four emotions, UAR, clean", 0.55, 0.72),
    Gate("TESS", "four emotions, UAR, telephone", 0.55, 0.65),
    Gate("30 simulated", "stress by the second", 0.93, 0.97),
    Gate("30 simulated", "seconds until a turn", 5.0, 3.0, most=True),
    Gate("30 simulated", "false alarms", 10.0, 1.0, most=True),
    Gate("Sounds in which nobody", "share of windows", 0.02, 0.0, most=True),
    Gate("EmoDB", "speech taken for music, share of windows, clean", 0.01, 0.0, most=True),
    Gate("EmoDB", "speech taken for music, share of windows, telephone", 0.01, 0.0, most=True),
    Gate("TESS", "speech taken for music, share of windows, clean", 0.01, 0.0, most=True),
    Gate("TESS", "speech taken for music, share of windows, telephone", 0.01, 0.0, most=True),
    Gate("EmoDB", "one voice taken for two, share of windows, clean", 0.01, 0.005, most=True),
    Gate("EmoDB", "one voice taken for two, share of windows, telephone", 0.01, 0.005, most=True),
    Gate("TESS", "one voice taken for two, share of windows, clean", 0.03, 0.01, most=True),
    Gate("TESS", "one voice taken for two, share of windows, telephone", 0.03, 0.01, most=True),
    Gate("EmoDB", "two voices heard as two, share of windows, telephone, the second 0 dB", 0.5, 0.8),
    Gate("Cost", "share of real time", 0.03, 0.01, most=True),
)
