"""Open any picture file in a separate process, and return it small and upright."""
