"""Adversarial methods and the networks and losses that they share."""
