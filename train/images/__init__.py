"""What is learnt from: EMNIST, drawn pen strokes, what is no character, random changes, and how a batch is mixed."""
