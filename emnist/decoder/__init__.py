"""Any picture file to a small upright picture, in a process of its own, which needs neither numpy nor torch."""
