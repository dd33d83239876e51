"""The load generator (wrk) around a whole house on this machine, and the published figures."""
