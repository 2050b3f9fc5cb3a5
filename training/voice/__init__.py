"""How the voice model is made; see README.md. Never installed with the product."""
