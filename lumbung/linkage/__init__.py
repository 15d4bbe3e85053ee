"""Records in, scored pairs out: which records speak of the same person or business, how surely, and why.

The engine knows no warehouse and no contracts. A `Model` (`model`) says what is compared and how much each
agreement counts; `engine.dedupe` and `engine.link` score the pairs that share a block, by Splink on an
in-process DuckDB; `training.train` estimates a model's parameters without labels; `assignment` and
`clusters` make decisions of scored pairs. Models are kept as JSON or YAML (`documents`).
"""
