"""One installation, put together: settings, wiring, server, command line, and the files our neighbours read.

Imports everything, is imported by nothing.
"""
