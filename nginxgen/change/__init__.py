"""What changes from one configuration to another, in terms of what it means to nginx, and where each change stands.

``parts`` makes a tree of a configuration's parts, ``families`` and ``values`` say what in it is alike, ``differences``
compares two, ``wire`` says what nginx does with it towards clients and backends, ``shown`` prints.
"""
