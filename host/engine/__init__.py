"""What makes rows move: lanes, feeders and a clock. Rows are the truth; the engine only points at them."""
