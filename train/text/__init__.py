"""Several characters: what the networks of `emnist.text` learn, how its weights are fitted, and how well it reads."""
