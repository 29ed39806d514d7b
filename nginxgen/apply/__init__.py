"""A new configuration for an nginx that runs: compared, tried, installed, and proven to serve, or taken back.

``sequence`` says what happens in which order; the others each know one part of it.
"""
