"""A running nginx: which of its workers serve, and which only finish what they have begun.

Looks at processes of this machine and signals them; knows nothing of clusters.
"""
