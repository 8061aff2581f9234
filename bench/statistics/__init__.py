"""Uncertainty of scores: what is resampled, intervals, paired tests, several comparisons at once."""
