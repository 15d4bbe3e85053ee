"""The hub: land, validate, apply, integrate, release."""
