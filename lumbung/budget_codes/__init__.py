"""Pure rules about budget codes: sub-activities and accounts, the tree above them, what replaced them."""
