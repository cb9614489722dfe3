"""Training, evaluation and publishing of EMNIST networks; the command line is `python -m train`."""
