"""The family of errors: each says what was wrong, where, and what to do about it."""


class DeltaruleError(Exception):
    """The root of the family: catch this to catch every error deltarule raises on purpose."""


class InvalidArgument(DeltaruleError):
    """An argument that cannot be meant: an unknown name, a number out of its range."""


class ShapeError(DeltaruleError):
    """Layers, data or parameters whose shapes do not fit together."""


class DataError(DeltaruleError):
    """A data set that is missing, damaged, or does not say what it should."""


class FileError(DeltaruleError):
    """A model or checkpoint file that is missing, damaged, foreign or cannot be written."""


class DivergedError(DeltaruleError):
    """Training left the finite numbers; the message names the epoch, the step and the layer."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during training: the step under way was finished; ``model`` is what was learned so far."""

    def __init__(self, message: str, model: object) -> None:
        super().__init__(message)
        self.model = model
