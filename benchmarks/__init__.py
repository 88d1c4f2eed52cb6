"""Benchmarks of deltarule and its peers: the same training, each in its own process, timed in turn."""
