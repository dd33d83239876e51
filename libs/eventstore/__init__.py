"""The log: commits appended once, in one order, relayed to Kafka."""
