"""The parts of the list of experiments: the chapters of the book, and topics that come after it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of the list: a chapter of the book, or a topic after the book.

    The figures of the book and those after it are counted apart.

    Args:
        name: The beginning of the ids of its experiments, such as ``"ch1"`` or ``"memory"``.
        title: The title of the chapter or topic.
        chapter: The number of the book's chapter; None for a topic after the book.
        note: A paragraph for the top of its page.

    >>> Part("ch1", "Handwritten digits", chapter=1).heading, Part("memory", "Networks with memory").heading
    ('Chapter 1: Handwritten digits', 'After the book: Networks with memory')
    """

    name: str
    title: str
    chapter: int | None = None
    note: str = ""

    @property
    def is_in_book(self) -> bool:
        """True for a chapter of the book."""
        return self.chapter is not None

    @property
    def place(self) -> str:
        """The place in the list: "Chapter 1", or "After the book"."""
        return f"Chapter {self.chapter}" if self.is_in_book else "After the book"

    @property
    def heading(self) -> str:
        """The place and the title."""
        return f"{self.place}: {self.title}"

    @property
    def short(self) -> str:
        """The text of a link to it: "Chapter 1", or the title of a topic after the book."""
        return self.place if self.is_in_book else self.title

    @property
    def page(self) -> str:
        """The name of its page in the report, without the extension."""
        return f"chapter{self.chapter}" if self.is_in_book else self.name


_LISTED = (
    Part("ch1", "Using neural nets to recognize handwritten digits", 1),
    Part("ch2", "How the backpropagation algorithm works", 2),
    Part("ch3", "Improving the way neural networks learn", 3),
    Part("ch4", "A visual proof that neural nets can compute any function", 4),
    Part("ch5", "Why are deep neural networks hard to train?", 5),
    Part(
        "ch6",
        "Deep learning",
        6,
        "“The published solutions” are the solutions to the exercises and problems of the book in the repository "
        "github.com/nndl-solutions/NNDL-solutions.",
    ),
    Part(
        "memory",
        "Networks with memory",
        note="The book names recurrent networks and LSTM units as a next step, and has no experiment with them. So "
        "nothing here is a figure of the book, and its totals do not include this page. A figure of another paper "
        "is compared only if we read it in the paper itself. All other rows are criteria of ours, fixed before the "
        "runs.",
    ),
    Part(
        "generation",
        "Networks that generate",
        note="The book names Boltzmann machines and deep belief nets as a next step, and has no experiment with them. "
        "Its totals do not include this page. All rows are criteria of ours, fixed before the runs, because we could "
        "not read the figures in the papers themselves.",
    ),
)

PARTS: dict[str, Part] = {part.name: part for part in _LISTED}
"""The parts by the beginning of their ids, in the order of the list."""
