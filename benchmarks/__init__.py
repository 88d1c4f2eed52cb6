"""deltarule against its peers: the same learning, each in its own process, timed in turn."""
