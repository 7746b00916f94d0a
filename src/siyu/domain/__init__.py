"""The vocabulary every room shares: frozen types, column names, errors, registry and protocols.

Standard library only. Nothing here touches a file, a network or a clock.
"""
