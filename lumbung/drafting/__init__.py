"""Contracts drafted from live sources, and tried against them before anything is synced."""
