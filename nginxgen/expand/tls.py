def apply(said, tls, where, work):
    return ()
