"""How good a model is: ranking, calibration, reports."""
