"""Protocols as data: one TOML file each, named and versioned, read by bench.protocol."""
