"""Scene cards in motion: every frame is a function of the spec and the frame's number."""
