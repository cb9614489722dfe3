"""To the Hub and to a Space: one commit each, retried, and the handler of Inference Endpoints."""
