"""What Great Expectations judges of a load or a table as a whole.

`baseline` derives rules from a contract; a module per dataset (`sources/<source>/<dataset>.py`) or
table (`published/<table>.py`) adds what a contract can't say.
"""
