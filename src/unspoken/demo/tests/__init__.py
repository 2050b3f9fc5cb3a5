"""Tests of `unspoken.demo`: the written corpus is whole, and the demo plays it."""
