"""Routing touches the outside here: policy files, FastAGI, tables, questions to the switch."""
