"""`python -m config` is `cti`."""

from config.command import main

main()
