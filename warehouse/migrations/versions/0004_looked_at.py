"""How many records a run of entity resolution looked at.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE identity.run ADD COLUMN looked_at jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN identity.run.looked_at IS
    'By table of links, how many records the run looked at; it carried the others over.';
"""

DOWN = "ALTER TABLE identity.run DROP COLUMN looked_at;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
