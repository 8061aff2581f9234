"""Latent diffusion: the schedule, the sampler, guidance by several conditions, and the methods made of them."""
