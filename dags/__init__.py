"""Schedules and Assets only: every task calls one function of the pipeline."""
