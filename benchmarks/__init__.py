"""Benchmarks: what is measured side by side, and checks too long for the tests."""
