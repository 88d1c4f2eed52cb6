"""The report: every experiment with its figure, the published figures, ours and the verdicts."""
