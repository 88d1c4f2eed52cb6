"""The modules of *Neural Networks and Deep Learning* under their own names, as in the book's shell sessions."""
