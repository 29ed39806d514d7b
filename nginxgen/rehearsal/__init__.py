"""The tests of a cluster on a real nginx, with stand-ins for everything that is elsewhere.

A rehearsal has two halves. ``rehearse`` (`rehearsal.rehearse`) decides who stands where, and judges what happened; the
company (`perform`, a program of its own) does it: in a network of its own where the kernel allows that, with the
standard library alone.
"""
