"""Neural networks in which the learning is not hidden."""
