"""The report: every experiment with its figure, what was published, what came out here, and the verdict."""
