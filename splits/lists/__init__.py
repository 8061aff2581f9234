"""Published and pinned id lists: facts, each file with its provenance."""
