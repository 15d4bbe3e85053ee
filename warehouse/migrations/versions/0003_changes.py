"""What changed about people, and who follows whom.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE identity.person_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL,
    run_id bigint NOT NULL REFERENCES identity.run,
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),
    merged_into uuid CHECK (merged_into <> person_id),
    changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (run_id, person_id)
);
COMMENT ON TABLE identity.person_change IS
    'What a run of entity resolution found changed about a person: kinds of change, never values.';
COMMENT ON COLUMN identity.person_change.change_id IS
    'The cursor. Runs write under one lock, so whoever sees a number sees every lower one.';

CREATE TABLE identity.follow (
    follow_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal text NOT NULL,
    person_id uuid NOT NULL,
    after_change_id bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL DEFAULT 'infinity'
);
CREATE INDEX follow_by_person ON identity.follow (person_id, principal);
CREATE INDEX follow_by_principal ON identity.follow (principal, person_id);
COMMENT ON TABLE identity.follow IS
    'Who is told of whose changes, from which change on and until when; never deleted.';
"""

DOWN = "DROP TABLE identity.follow, identity.person_change;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
