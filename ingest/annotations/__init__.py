"""Object annotations that come with a source: one module per family of formats, and `form`, which they all take."""
