"""What the hub itself refuses or fails at."""

from schemas.errors import LumbungError


class SettingsError(LumbungError):
    """A setting is missing or can't be used."""


class WarehouseError(LumbungError):
    """The warehouse can't be reached, is too old, or lacks a permission."""


class EmbeddedError(WarehouseError):
    """The embedded PostgreSQL can't be set up, started or stopped."""


class LandingLost(LumbungError):
    """The landing table no longer holds the rows that were counted; the load has to land again."""


class LoadRefused(LumbungError):
    """A guard or a critical rule refuses the load; the data before it stays as it was."""

    def __init__(self, dataset: str, load_id: int, reason: str) -> None:
        super().__init__(f"{dataset}: load {load_id} refused: {reason}")
        self.dataset = dataset
        self.load_id = load_id
        self.reason = reason


class SyncRefused(LumbungError):
    """What was asked of a sync, a window or the keys alone, can't be had of this dataset."""


class ReplayTooEarly(LumbungError):
    """The contract has other columns than the data so far; a sync takes everything up in them first."""


class StaleData(LumbungError):
    """Datasets are later than their contracts promise."""


class ModelError(LumbungError):
    """A model's SQL can't be used: what it reads, what it gives, or how it is written."""


class ReleaseRefused(LumbungError):
    """A release is not made: a critical rule failed, or views would break their readers."""


class ReleaseTooEarly(ReleaseRefused):
    """A model reads a dataset that never came home; the dataset's first sync mends it."""


class GateError(LumbungError):
    """The gate could not judge: its rows can't be read, or a rule was left out."""


class GateInterrupted(GateError, WarehouseError):
    """The gate lost the warehouse, or did not reach it; judging again may mend that."""


class ReleaseSuperseded(ReleaseRefused):
    """A newer release became visible while this one was being made; nothing is lost by giving it up."""


class ReleaseUnready(LumbungError):
    """A release was to be shown before all of its tables were built and checked."""


class ReleaseBusy(LumbungError):
    """Readers hold a view that a release has to change; the release is still there to be tried again."""

    def __init__(self, release_id: int, view: str, holders: str) -> None:
        super().__init__(
            f"Release {release_id} has to change {view}, which {holders}; publish again when they have ended"
        )


class RuntimeRefused(LumbungError):
    """Airflow can't be started: it runs already, its port is taken, or one of its processes ended."""


class ExportError(LumbungError):
    """A list can't be written where it was asked for."""


class WaiverRefused(LumbungError):
    """Entries of the quarantine can't be waived, or opened again: they are in another state."""


class MailError(LumbungError):
    """A defect list can't be mailed: the connection, the addresses, or what the mail server said."""


class EditRefused(LumbungError):
    """A contract's file can't be changed as asked; nothing was written."""


class DecisionRefused(LumbungError):
    """What somebody decided about records and people can't be noted: of what it speaks isn't there."""


class AdoptionRefused(LumbungError):
    """A project for another city can't be made as asked; nothing was written."""
