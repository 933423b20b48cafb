"""Words that the pictures of the pages show."""

EMAIL, PASSWORD = "mara@northlight.example", "a long walk at dusk"
KELP = """# The forest under the waves

Giant kelp grows half a metre in a single day. It is the fastest plant in the sea.

## Who lives in it

A single kelp forest shelters 800 species, from snails to sea lions.

## Who guards it

> A kelp forest without otters is a forest on borrowed time.

Sea otters eat the urchins that eat the kelp.
"""
