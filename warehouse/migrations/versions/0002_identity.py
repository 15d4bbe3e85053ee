"""The runs of entity resolution, and the decisions that people made in it.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE identity.run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pins jsonb NOT NULL,
    rules text NOT NULL,
    last_decision_id bigint,
    counts jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE identity.run IS
    'One row per run of entity resolution: the loads it read and the versions it added and closed, by table.';

CREATE TABLE identity.decision (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject jsonb NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    undoes bigint REFERENCES identity.decision
);
CREATE UNIQUE INDEX undone_once ON identity.decision (undoes);
COMMENT ON TABLE identity.decision IS
    'What people decided: merges, splits, matches. Never changed or deleted; a later one may undo it.';

ALTER TABLE ops.release ADD COLUMN identity_run_id bigint;
COMMENT ON COLUMN ops.release.identity_run_id IS 'The run of entity resolution that the release reads.';
"""

DOWN = """
ALTER TABLE ops.release DROP COLUMN identity_run_id;
DROP TABLE identity.decision, identity.run;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
