"""What a cluster is: typed, frozen blocks, each field declared once."""
