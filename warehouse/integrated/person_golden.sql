-- What stands for people of whom agencies know something too, field by field, and whose word it is: the rules
-- are in survivorship.yaml. NULL where they abstain; integrated.finding then has who says what.
SELECT
    g.person_id,
    g.field AS field_name,
    g.value AS standing_value,
    g.outcome AS outcome_code,
    g.dataset AS standing_dataset,
    g.said_by AS datasets
FROM identity.person_golden AS g
