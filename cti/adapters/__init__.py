"""What touches AMI, MQTT, SQL, HTTP and time for the `cti` package."""
