"""What a run is worth: test sets, metrics, calibration, figures, the model card, and speed beside peers."""
