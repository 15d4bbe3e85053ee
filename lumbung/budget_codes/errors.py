"""What is refused of budget codes and of their lists."""

from schemas.errors import LumbungError


class BudgetCodeError(LumbungError):
    """A text is no code of its scheme."""


class SuccessorError(LumbungError):
    """The table of replaced codes contradicts itself."""


class ListRefused(LumbungError):
    """A file can't be imported as a list of codes."""
