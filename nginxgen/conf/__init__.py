"""The language of nginx: its words, its grammar, and what each version of it has."""
