"""What weights of the text models must reach to be shipped, and what is aimed at: figures of `report.py`."""

from unspoken.perception.gates import Gate

STANDARD = (
    Gate("GoEmotions", "macro-F1, thresholds of development", 0.515, 0.545),
    Gate("GoEmotions", "macro-F1, all thresholds 0.5, of the scores before calibration", 0.49, 0.51),
    Gate("GoEmotions", "calibration error of the likeliest", 0.04, 0.03, most=True),
    Gate("GoEmotions", "calibration error over all labels", 0.003, 0.002, most=True),
    Gate("EmoBank", "valence", 0.67, 0.75),
    Gate("EmoBank", "arousal", 0.42, 0.50),
    Gate("Amazon", "valence", 0.80, 0.80),
    Gate("Tweets", "valence", 0.86, 0.87),
    Gate("USS MWOZ", "AUROC, with context", 0.79, 0.82),
    Gate("USS MWOZ", "F1, with context", 0.31, 0.35),
    Gate("USS SGD", "AUROC, with context", 0.88, 0.90),
    Gate("USS SGD", "F1, with context", 0.41, 0.45),
    Gate("Own service", "macro-F1 of the 8 marks", 0.63, 0.75),
    Gate("CheckList", "mean failure", 0.15, 0.12, most=True),
    Gate("CheckList", "failure, at most, of a test on who", 0.02, 0.02, most=True),
    Gate("Counterfactual", "sentences whose likeliest label depends", 0.0, 0.0, most=True),
    Gate("Dialect", "likeliest label differs", 0.10, 0.10, most=True),
    Gate("Robustness", "likeliest label differs with one typing", 0.15, 0.03, most=True),
)
LIGHT = (
    Gate("GoEmotions", "macro-F1, thresholds of development", 0.45, 0.51),
    Gate("Counterfactual", "sentences whose likeliest label depends", 0.0, 0.0, most=True),
)
