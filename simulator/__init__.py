"""A PBX in a box: speaks AMI and calls FastAGI over TCP, for the demo, for load and for tests."""
