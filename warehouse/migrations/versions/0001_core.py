"""The schemas of the warehouse, and the hub's own books in `ops` and `quarantine`.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = (
    "landing", "staging", "history", "current", "quarantine",
    "integrated", "identity", "release", "published", "api", "ops",
)  # fmt: skip

UP = """
CREATE TABLE ops.dataset (
    dataset text PRIMARY KEY,
    contract_fingerprint text NOT NULL,
    rules_fingerprint text,
    contract_version text NOT NULL,
    columns text[] NOT NULL,
    last_applied_load_id bigint,
    last_changed_load_id bigint,
    watermark text,
    source_shape jsonb,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.dataset IS
    'One row per source dataset: its last applied load and watermark; locked by apply.';

CREATE TABLE ops.load (
    load_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset text NOT NULL,
    kind text NOT NULL DEFAULT 'sync' CHECK (kind IN ('sync', 'replay', 'reconcile')),
    mode text NOT NULL CHECK (mode IN ('snapshot', 'incremental', 'append')),
    state text NOT NULL DEFAULT 'landing' CHECK (state IN
        ('landing', 'landed', 'validated', 'applied', 'superseded', 'refused', 'failed')),
    base_load_id bigint,
    contract_version text NOT NULL,
    contract_fingerprint text NOT NULL,
    since text,
    until text,
    watermark text,
    started_at timestamptz NOT NULL DEFAULT now(),
    landed_at timestamptz,
    validated_at timestamptz,
    finished_at timestamptz,
    land_seconds double precision,
    validate_seconds double precision,
    gate_seconds double precision,
    apply_seconds double precision,
    read_count bigint,
    staged_count bigint,
    quarantined_count bigint,
    filtered_count bigint,
    superseded_count bigint,
    deleted_count bigint,
    unchanged_count bigint,
    added_count bigint,
    changed_count bigint,
    removed_count bigint,
    confirmed_count bigint,
    before_count bigint,
    after_count bigint,
    removals_held_count bigint NOT NULL DEFAULT 0,
    is_flagged boolean NOT NULL DEFAULT false,
    drift jsonb NOT NULL DEFAULT '{}',
    lineage jsonb NOT NULL DEFAULT '{}',
    reason text,
    accepted_by text,
    accepted_reason text,
    CONSTRAINT every_row_is_accounted_for CHECK (state <> 'applied' OR
        read_count = staged_count + quarantined_count + filtered_count + superseded_count),
    CONSTRAINT staged_rows_are_accounted_for CHECK (state <> 'applied' OR
        staged_count = added_count + changed_count + confirmed_count),
    CONSTRAINT history_adds_up CHECK (state <> 'applied' OR
        before_count + added_count - removed_count = after_count)
);
CREATE INDEX load_by_dataset ON ops.load (dataset, load_id DESC);
COMMENT ON TABLE ops.load IS 'The ledger: one row per load, with where every row it read has gone.';

CREATE TABLE ops.check_result (
    check_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    load_id bigint REFERENCES ops.load,
    release_id bigint,
    rule text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('critical', 'warning')),
    outcome text NOT NULL CHECK (outcome IN ('passed', 'failed', 'errored')),
    observed jsonb NOT NULL DEFAULT '{}',
    message text NOT NULL DEFAULT '',
    checked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX check_result_by_load ON ops.check_result (load_id);
CREATE INDEX check_result_by_release ON ops.check_result (release_id);
COMMENT ON TABLE ops.check_result IS 'What the gate found: one row per rule and load, or rule and release.';

CREATE TABLE ops.release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'building' CHECK (state IN ('building', 'released', 'refused', 'failed')),
    as_of_date date NOT NULL,
    pins jsonb NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    released_at timestamptz,
    rollback_of bigint REFERENCES ops.release,
    reason text
);
COMMENT ON TABLE ops.release IS 'One row per release: the loads it pins, its as-of date, how it ended.';

CREATE TABLE ops.release_table (
    release_id bigint NOT NULL REFERENCES ops.release,
    table_schema text NOT NULL CHECK (table_schema IN ('integrated', 'published')),
    table_name text NOT NULL,
    fingerprint text NOT NULL,
    relation text NOT NULL,
    view_release_id bigint NOT NULL REFERENCES ops.release,
    row_count bigint,
    is_reused boolean NOT NULL DEFAULT false,
    check_state text NOT NULL DEFAULT 'unchecked' CHECK (check_state IN
        ('unchecked', 'passed', 'flagged', 'failed')),
    build_seconds double precision,
    PRIMARY KEY (release_id, table_schema, table_name)
);
COMMENT ON TABLE ops.release_table IS
    'What each release uses; view_release_id is the release that first showed this relation.';

CREATE FUNCTION ops.release_visible(release bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ops.release r WHERE r.release_id = release AND r.state = 'released') THEN
        RETURN true;
    END IF;
    RAISE EXCEPTION 'This transaction began before release % was published; start it again.', release
        USING ERRCODE = 'serialization_failure';
END $$;
COMMENT ON FUNCTION ops.release_visible(bigint) IS
    'True when the caller''s snapshot contains the release; raises 40001 for an older snapshot.';

CREATE TABLE quarantine.entry (
    dataset text NOT NULL,
    entry_id bigint GENERATED ALWAYS AS IDENTITY,
    row_key text NOT NULL,
    has_key boolean NOT NULL,
    load_id bigint NOT NULL,
    row_numbers bigint[] NOT NULL,
    rows jsonb NOT NULL,
    reasons text[] NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN
        ('open', 'replaced', 'corrected', 'replayed', 'superseded', 'gone', 'waived')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    closed_by_load_id bigint,
    waived_by text,
    waived_reason text,
    waived_at timestamptz,
    seen_load_id bigint NOT NULL,
    PRIMARY KEY (dataset, entry_id)
) PARTITION BY LIST (dataset);
CREATE UNIQUE INDEX one_living_entry_per_key ON quarantine.entry (dataset, row_key)
    WHERE state IN ('open', 'waived');
COMMENT ON TABLE quarantine.entry IS
    'Refused rows verbatim with their reasons; one partition per dataset, one open or waived entry per key.';
COMMENT ON COLUMN quarantine.entry.seen_load_id IS
    'The load that row_numbers are of: the last that read these rows from files, else the first.';

CREATE TABLE ops.mail (
    load_id bigint PRIMARY KEY REFERENCES ops.load,
    state text NOT NULL CHECK (state IN ('sending', 'sent', 'failed')),
    recipient_count integer NOT NULL,
    reason text,
    tried_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.mail IS 'The defect lists mailed to owners: one row per load, and what came of it.';
"""

DOWN = """
DROP TABLE quarantine.entry;
DROP FUNCTION ops.release_visible(bigint) CASCADE;
DROP TABLE ops.mail, ops.release_table, ops.release, ops.check_result, ops.load, ops.dataset;
"""


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.execute(UP)


def downgrade() -> None:
    for schema in ("published", "integrated", "release", "current"):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
    op.execute(DOWN)
    # ops stays: Alembic's own version table lies in it.
    for schema in (s for s in SCHEMAS if s != "ops"):
        op.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
