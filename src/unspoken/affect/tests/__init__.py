"""Tests of `unspoken.affect`: exact values by hand, and properties that hold for any conversation."""
