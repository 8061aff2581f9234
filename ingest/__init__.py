"""From the raw downloads of public datasets to shards: one small declaration per source."""
