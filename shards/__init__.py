"""The ground floor: home, samples, shards, parts, layers, the manifest, and the one place that prints to people."""

__version__ = "0.1.0"
