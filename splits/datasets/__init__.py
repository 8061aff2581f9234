"""One TOML file per dataset."""
