"""What can be wrong with a rule."""

from schemas.errors import LumbungError


class RuleError(LumbungError):
    """A rule, or a module of rules, that can't be used: where it stands and why."""
