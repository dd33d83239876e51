"""The five services. Never put this folder on sys.path: `queue` would shadow the standard library."""
