"""The modules of *Neural Networks and Deep Learning* by their own names, as the book's shell sessions use them."""
