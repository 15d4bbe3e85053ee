"""Contracts: what each dataset is, who owns it, and what the hub may expect of it."""
