"""What the linkage engine refuses or fails at. No message ever quotes a record."""

from schemas.errors import LumbungError


class LinkageError(LumbungError):
    """Records can't be linked."""


class LinkageModelError(LinkageError):
    """A model can't be used: what in it, what was expected. The message quotes the model at most."""


class RecordsRefused(LinkageError):
    """Records can't be used: a key is missing, empty or not unique."""


class LinkageFailed(LinkageError):
    """The engine gave up, for want of memory say. The message names the step and the kind of error."""
