"""The mathematics of learning: pure functions of arrays, with no input or output."""
